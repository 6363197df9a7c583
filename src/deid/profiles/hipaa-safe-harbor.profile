# 45 CFR 164.514(b)(2): "The following identifiers of the individual or of relatives, employers, or household members of the
# individual, are removed". Clauses (A), (D) to (N), (P) to (R) are in common.profile; (O) "Internet Protocol (IP) address numbers;"
# can only be in strings and URLs, which go. Ids are keyed with a random key of the patient and cannot be translated without it.
profile hipaa-safe-harbor
include common

# ---- (C) "All elements of dates (except year) for dates directly related to an individual, including birth date, admission date,
# ---- discharge date, date of death; and all ages over 89 and all elements of dates (including year) indicative of such age, except
# ---- that such ages and elements may be aggregated into a single category of age 90 or older;"
times year
type date time dates(C)
type dateTime time dates(C)
type instant time dates(C)
type time remove dates(C)
path Patient.birthDate birth-year dates(C)
path FamilyMemberHistory.bornDate birth-year dates(C)
path FamilyMemberHistory.bornPeriod remove dates(C)

# ---- (B) "All geographic subdivisions smaller than a State, including street address, city, county, precinct, zip code, and their
# ---- equivalent geocodes, except for the initial three digits of a zip code if, according to the current publicly available data
# ---- from the Bureau of the Census: (1) The geographic unit formed by combining all zip codes with the same three initial digits
# ---- contains more than 20,000 people; and (2) The initial three digits of a zip code for all such geographic units containing
# ---- 20,000 or fewer people is changed to 000."
type Address remove places(B)
path Patient.address descend places(B)
path Address.postalCode zip3 places(B)
path Address.state word places(B)
path Address.country word places(B)
# Three-digit units of 20,000 people or fewer. The 17 of the 2000 census stand in HHS OCR, "Guidance Regarding Methods for
# De-identification of Protected Health Information in Accordance with the HIPAA Privacy Rule" (26 November 2012); 205 and 369 are added
# because tables made from the 2010 census restrict them too: a prefix too many is safe, one too few is not. To follow another census,
# load an edited copy of this file.
zip3-restricted 036 059 063 102 203 205 369 556 692 790 821 823 830 831 878 879 884 890 893
words Address.state AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY AS GU MP PR VI
words Address.country US USA
