# For building digital twins: codes, values and exact intervals stay; who, where and when go. The result is pseudonymised
# personal data, not anonymous data, and not Safe Harbor, since shifted days stay.
profile twin
include common
include linked

# ---- Times: one keyed whole-week shift for all of a person's times, UTC. Intervals and days of the week stay exact.
times shift
type date time dates
type dateTime time dates
type instant time dates
type time keep dates
# Birth: the year only, none when the person is over 89 at the reference day.
path Patient.birthDate birth-year birth
path FamilyMemberHistory.bornDate birth-year birth
path FamilyMemberHistory.bornPeriod remove birth

# ---- Places go altogether.
type Address remove places
