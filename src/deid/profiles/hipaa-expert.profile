# 45 CFR 164.514(b)(1), "Expert Determination": "A person with appropriate knowledge of and experience with generally accepted statistical and
# scientific principles and methods for rendering information not individually identifiable: (i) Applying such principles and methods,
# determines that the risk is very small that the information could be used, alone or in combination with other reasonably available
# information, by an anticipated recipient to identify an individual who is a subject of the information; and (ii) Documents the methods and
# results of the analysis that justify such determination". This file is the methods; the determination is the expert's, with the account
# of the release and counts of small groups beside it.
profile hipaa-expert
include common
include linked

# ---- (b)(1)(i), "the risk is very small": one keyed whole-week shift for all of a person's times. Intervals and days of the week stay, days on
# ---- which something is known to have happened do not lead to the person.
times shift
type date time dates(b)(1)(i)
type dateTime time dates(b)(1)(i)
type instant time dates(b)(1)(i)
# Hours of the day alone are rarely known to others, but they are of no use without their day.
type time remove dates(b)(1)(i)
# "in combination with other reasonably available information": voter lists hold birth dates, so the year alone stays, and none over 89.
path Patient.birthDate birth-year birth(b)(1)(i)
path FamilyMemberHistory.bornDate birth-year birth(b)(1)(i)
path FamilyMemberHistory.bornPeriod remove birth(b)(1)(i)

# ---- The same: places as (b)(2)(i)(B) has them, three digits of the ZIP code where more than 20,000 people live, and the state.
type Address remove places(b)(1)(i)
path Patient.address descend places(b)(1)(i)
path Address.postalCode zip3 places(b)(1)(i)
path Address.state word places(b)(1)(i)
path Address.country word places(b)(1)(i)
# The same restricted prefixes, from the same sources, as in hipaa-safe-harbor.profile.
zip3-restricted 036 059 063 102 203 205 369 556 692 790 821 823 830 831 878 879 884 890 893
words Address.state AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY AS GU MP PR VI
words Address.country US USA

# ---- The same: of a household a neighbour knows these.
path Patient.multipleBirthBoolean remove household(b)(1)(i)
path Patient.multipleBirthInteger remove household(b)(1)(i)
path Patient.communication remove household(b)(1)(i)
