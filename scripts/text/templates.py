"""Context templates and how they are filled: blocks of text with slots and labelled literals -> notes with spans.

    === id | document kind | mixed            (mixed, lower or upper: how slot values are written)
    text over one or more lines, until the next ===
Slots {{NAME.role.form}} {{DATE.role.form}} {{ID.form}} {{CONTACT.form}} {{ADDRESS.form}} {{ORG.form}} {{AGE.over89}}
are labelled; {{AGE.under90}} {{NUM.lo-hi}} {{ALT:one|two}} are not, nor is {{MED.form}}, a word of medicine that may
look like a name (drug brand device eponym organism abbr people; newname, newbrand, newdrug: names nobody has heard
of). [[KIND|literal]] is labelled text that stands as it is and may hold line breaks. The same role is the same person,
day or thing within a note.
"""

import datetime
import pathlib
import re

from pools import fold

BLOCK = re.compile(r"^=== *([^|\n]+)\|([^|\n]+)\|([^|\n]+)\n(.*?)(?=^=== |\Z)", re.M | re.S)
PIECE = re.compile(r"\{\{(.*?)\}\}|\[\[([A-Z]+)\|(.*?)\]\]", re.S)
MONTHS = "January February March April May June July August September October November December".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


class Template:
    def __init__(self, author, name, kind, case, text):
        self.author, self.id, self.kind, self.case, self.text = author, name, kind, case, text
        self.phi = any(
            not m.group(1) or not re.match(r"NUM|ALT|MED|AGE\.under", m.group(1)) for m in PIECE.finditer(text)
        )


def read_templates(paths):
    """Templates of several files; the author is the name of the file."""
    found = []
    for path in paths:
        text = pathlib.Path(path).read_text(encoding="utf-8")
        for m in BLOCK.finditer("\n" + text):
            name, kind, case, body = (g.strip("\n") for g in m.groups())
            found.append(
                Template(pathlib.Path(path).stem, name.strip(), kind.strip(), case.strip(), body.rstrip("\n "))
            )
    return found


def recase(text, case):
    """Lower or upper where the count of characters stays the same."""
    if case == "mixed":
        return text
    change = str.lower if case == "lower" else str.upper
    return "".join(change(c) if len(change(c)) == 1 else c for c in text)


class Case:
    """One patient and everybody around: values that stay the same over a note."""

    def __init__(self, pools, rng):
        self.pools, self.rng, self.person_of, self.thing_of = pools, rng, {}, {}
        self.visit = datetime.date(2005, 1, 1) + datetime.timedelta(days=rng.randint(0, 7900))
        old = rng.random() < 0.06
        self.birth = self.visit - datetime.timedelta(
            days=rng.randint(90, 103) * 365 + 30 if old else rng.randint(1, 32000)
        )
        self.dates = {"visit": self.visit, "birth": self.birth}
        self.first_phone = True

    def person(self, role):
        if role not in self.person_of:
            rng = self.rng
            family = None
            if re.match(r"spouse|son|daughter|father|sibling", role) and rng.random() < 0.6:
                family = self.person("patient")["family"]
            elif role == "mother" and rng.random() < 0.45:
                family = self.person("patient")["family"]
            self.person_of[role] = self.pools.person(rng, family)
        return self.person_of[role]

    def date(self, role):
        if role not in self.dates:
            rng, visit = self.rng, self.visit
            span = {
                "admit": (-20, -1),
                "op": (-40, 0),
                "discharge": (0, 20),
                "next": (1, 200),
                "prior": (-2500, -1),
                "fx": (-30, 30),
            }
            low, high = span.get(re.sub(r"\d+$", "", role), (-900, 300))
            self.dates[role] = visit + datetime.timedelta(days=rng.randint(low, high))
        return self.dates[role]

    def thing(self, key, make, fresh=0.15):
        """The same thing again, but for some share."""
        if key not in self.thing_of or self.rng.random() < fresh:
            value = make()
            self.thing_of.setdefault(key, value)
            return value
        return self.thing_of[key]


def write_name(case, role, form):
    rng, p = case.rng, case.person(role)
    given, family, middle = p["given"], p["family"], p["middle"]
    if form == "first":
        return given
    if form == "last":
        return family
    if form in ("wordlast", "wordfirst"):
        return rng.choice(case.pools.word_family if form == "wordlast" else case.pools.word_given)
    if form == "nick":
        return p["nick"]
    if form == "initials":
        parts = [
            x[0].upper() for x in re.split(r"[\s\-]+", given) + re.split(r"[\s\-]+", family) if x and x[0].isalpha()
        ]
        if middle and rng.random() < 0.5:
            parts.insert(1, middle[0].upper())
        return (
            rng.choice(["", "", "", ".", ". "]).join(parts[:4]) + ("." if rng.random() < 0.25 else "")
            if rng.random() < 0.88
            else "".join(parts[:4]).lower()
        )
    if form == "last_first":
        more = f" {middle}" if middle and rng.random() < 0.6 else ""
        family = family.upper() if rng.random() < 0.2 else family
        return rng.choice(
            [f"{family}, {given}{more}"] * 6
            + [
                f"{family},{given}{more}",
                f"{family} {given}",
                f"{family}^{given}" + (f"^{middle.strip('.')}" if middle else ""),
                f"{family}; {given}",
                f"{family}, {given[0]}.",
                f"{family.upper()}, {given}",
                f"{family} , {given}",
            ]
        )
    if form == "misspelt":
        return misspell(rng, rng.choice([given, family, given + " " + family]))
    if form in ("glued", "login"):
        return given + family
    roll = rng.random()
    if roll < 0.60 or not middle:
        text = f"{given} {family}"
        if roll < 0.05:
            text = f"{given[0]}. {family}"
        elif roll < 0.08:
            text = f"{given[0]} {family}"
    elif roll < 0.9:
        text = f"{given} {middle} {family}"
    else:
        text = f"{given[0]}. {middle[0]}. {family}"
    if rng.random() < 0.03:
        quote = rng.choice(['"%s"', "'%s'", "(%s)", "“%s”"]) % p["nick"]
        text = text.replace(" ", f" {quote} ", 1)
    if rng.random() < 0.02:
        text = text.upper()
    return text + (rng.choice([" ", ", "]) + p["suffix"] if p["suffix"] else "")


def misspell(rng, word):
    i = rng.randint(1, max(1, len(word) - 2))
    return rng.choice(
        [
            word[:i] + word[i + 1 :],
            word[:i] + word[i] + word[i:],
            word[:i] + word[i + 1 : i + 2] + word[i : i + 1] + word[i + 2 :],
            word[:i] + rng.choice("aeioulnrst") + word[i + 1 :],
            word[:i] + rng.choice("hey") + word[i:],
        ]
    )


def ordinal(n):
    return str(n) + ("th" if 10 <= n % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th"))


def write_date(rng, day, form):
    y, m, d = day.year, day.month, day.day
    yy, month, mon = f"{y % 100:02d}", MONTHS[m - 1], MONTHS[m - 1][:3]
    if rng.random() < 0.04 and m == 9:
        mon = "Sept"
    pick = rng.choice
    if form == "any":
        form = pick(["us", "us", "eu", "iso", "long", "long", "monthday", "dotted", "weekday_date", "odd", "odd"])
    if form == "us":
        return pick(
            [
                f"{m:02d}/{d:02d}/{y}",
                f"{m}/{d}/{yy}",
                f"{m}/{d}/{y}",
                f"{m:02d}/{d:02d}/{yy}",
                f"{m:02d}-{d:02d}-{y}",
                f"{m}-{d}-{yy}",
                f"{m}.{d}.{yy}" if rng.random() < 0.3 else f"{m:02d}/{d:02d}/{y}",
            ]
        )
    if form == "eu":
        return pick(
            [
                f"{d:02d}/{m:02d}/{y}",
                f"{d}/{m}/{yy}",
                f"{d}/{m}/{y}",
                f"{d:02d}/{m:02d}/{yy}",
                f"{d:02d}-{m:02d}-{y}",
                f"{d:02d}.{m:02d}.{y}",
                f"{d}.{m}.{yy}",
            ]
        )
    if form == "iso":
        return (
            f"{y}-{m:02d}-{d:02d}" if rng.random() < 0.85 else pick([f"{y}{m:02d}{d:02d}", f"{y}/{m:02d}/{d:02d}"])
        )
    if form == "long":
        return pick(
            [
                f"{month} {d}, {y}",
                f"{d} {month} {y}",
                f"{month} {ordinal(d)}, {y}",
                f"{ordinal(d)} {month} {y}",
                f"{mon}. {d}, {y}",
                f"{mon} {d}, {y}",
                f"{d} {mon} {y}",
                f"{ordinal(d)} of {month}, {y}",
                f"{month} {d} {y}",
                f"{month} {d}, {y}",
                f"{d} {month}, {y}",
                f"the {ordinal(d)} of {month} {y}" if rng.random() < 0.5 else f"{month} {d}, {y}",
            ]
        )
    if form == "short":
        return pick(
            [
                f"{m}/{d}",
                f"{m:02d}/{d:02d}",
                f"{m}/{d}",
                f"{d} {mon}",
                f"{mon} {d}",
                f"{d}/{m}",
                f"{d}-{mon}",
                f"{m}-{d}",
                f"{m}/{d}/{yy}",
                f"{d:02d}{mon.upper()}",
                f"{d}.{m}.",
            ]
        )
    if form == "monthday":
        return pick(
            [
                f"{month} {d}",
                f"{month} {ordinal(d)}",
                f"{d} {month}",
                f"{ordinal(d)} {month}",
                f"{mon} {d}",
                f"{mon}. {d}",
                f"{d} {mon}",
                f"the {ordinal(d)} of {month}",
                f"{ordinal(d)} of {month}",
                f"{month} {d}",
            ]
        )
    if form == "monthyear":
        return pick(
            [
                f"{month} {y}",
                f"{mon} {y}",
                f"{month} of {y}",
                f"{mon} '{yy}",
                f"{m:02d}/{y}",
                f"{m}/{y}",
                f"{month}, {y}",
                f"{mon}-{yy}",
                f"{mon}. {y}",
                f"{month} {y}",
                f"{m}/{yy}" if rng.random() < 0.4 else f"{month} {y}",
                f"{mon} {yy}",
                f"{mon.upper()}{yy}" if rng.random() < 0.3 else f"{mon} {y}",
            ]
        )
    if form == "weekday_date":
        w = DAYS[day.weekday()]
        return pick(
            [
                f"{w}, {month} {d}, {y}",
                f"{w} {m}/{d}",
                f"{w[:3]} {m}/{d}/{yy}",
                f"{w} {d} {month}",
                f"{w[:3]} {d} {mon}",
                f"{w} {month} {d}",
                f"{w}, {d} {month} {y}",
                f"{w} {ordinal(d)} {month}",
                f"{w[:3]}. {mon}. {d}",
                f"{w} the {ordinal(d)}",
                f"{w[:3]} {d}/{m}",
                f"{w}, {month} {ordinal(d)}",
                f"{w[:3]} {d}-{mon}-{yy}",
                f"{w} {ordinal(d)}",
                f"{w[:3]} {d}/{m}/{yy}",
                f"{w}, {month} {d}",
            ]
        )
    if form == "dotted":
        return pick(
            [
                f"{d:02d}.{m:02d}.{y}",
                f"{d}.{m}.{yy}",
                f"{m:02d}.{d:02d}.{yy}",
                f"{d:02d}.{m:02d}.{yy}",
                f"{m}.{d}.{y}",
            ]
        )
    return pick(
        [
            f"{d:02d}-{mon}-{y}",
            f"{d:02d}{mon.upper()}{y}",
            f"{d:02d}-{mon.upper()}-{yy}",
            f"{y} {mon} {d:02d}",
            f"{mon}-{d:02d}-{y}",
            f"{d:02d}/{mon}/{y}",
            f"{mon.upper()} {d} {y}",
            f"{d}{mon}{yy}",
            f"{d}-{mon}-{yy}",
            f"{y}-{mon}-{d:02d}",
            f"{mon}/{d}/{y}",
            f"{d} {mon} '{yy}",
            f"{month}-{d}-{y}",
            f"{d:02d} {mon.upper()} {y}",
        ]
    )


def write_address(case, form):
    """[(text, labelled)] of a slot."""
    rng, pools = case.rng, case.pools
    street = lambda: case.thing("street", lambda: pools.street(rng))
    city = lambda: case.thing("city", lambda: pools.place(rng))
    code = lambda: case.thing("zip", lambda: pools.zip(rng))
    if form == "unit":
        return [(pools.unit(rng), True)]
    if form in ("street", "city", "zip"):
        return [({"street": street, "city": city, "zip": code}[form](), True)]
    pieces = [(street(), True), (rng.choice([", ", ", ", ", ", "\n", "  "]), False)]
    if rng.random() < 0.2:
        pieces += [(pools.unit(rng), True), (", ", False)]
    pieces.append((city(), True))
    roll = rng.random()
    if roll < 0.6:
        from pools import STATES

        pieces += [(rng.choice([", ", " ", ", "]) + rng.choice(STATES), False)]
        if roll < 0.5:
            pieces += [(" ", False), (code(), True)]
    elif roll < 0.8:
        pieces += [(rng.choice([", ", " "]), False), (code(), True)]
    return pieces


def write_slot(case, slot):
    """[(text, kind or None)] of a slot."""
    rng, pools = case.rng, case.pools
    if slot.startswith("ALT:"):
        return [(rng.choice(slot[4:].split("|")), None)]
    parts = slot.strip().split(".")
    kind, form = parts[0], parts[-1]
    if kind == "NUM":
        low, high = (int(x) for x in re.match(r"(\d+)-(\d+)", form).groups())
        return [(str(rng.randint(low, high)), None)]
    if kind == "AGE":
        return [(str(rng.randint(90, 104)), "AGE")] if form == "over89" else [(str(rng.randint(18, 89)), None)]
    if kind == "MED":
        return [(pools.medical(rng, form), None)]
    if kind == "NAME":
        return [(write_name(case, parts[1], form), "NAME")]
    if kind == "DATE":
        return [(write_date(rng, case.date(parts[1]), form), "DATE")]
    if kind == "ID":
        make = lambda: pools.id(rng, form, case.person("login"))
        return [(case.thing("ID." + form, make, 0 if form in ("mrn", "ssn", "nhs") else 0.5), "ID")]
    if kind == "CONTACT":
        fresh = 0 if case.first_phone else 0.6
        case.first_phone = case.first_phone and form != "phone"
        make = lambda: pools.contact(rng, form, case.person("patient" if rng.random() < 0.5 else "other9"))
        return [(case.thing("CONTACT." + form, make, fresh), "CONTACT")]
    if kind == "ADDRESS":
        return [(text, "ADDRESS" if labelled else None) for text, labelled in write_address(case, form)]
    if kind == "ORG":
        return [(case.thing("ORG." + form, lambda: pools.org(rng, form), 0.3), "ORG")]
    raise ValueError("unknown slot: " + slot)


def another_literal(case, kind, text):
    """A value in place of a literal of a template, where its shape is plain; else the literal."""
    rng, pools = case.rng, case.pools
    words = text.split()
    if (
        kind == "NAME"
        and "\n" not in text
        and len(words) <= 3
        and all(re.match(r"^[^\W\d_][\w'’\-.]*$", w) for w in words)
    ):
        if len(text) <= 3 or any(len(w.strip(".")) < 2 for w in words[-1:]):
            return text
        if len(words) == 1:
            if text.islower():
                return recase(rng.choice([pools.given, pools.family_single])(rng), "lower")
            new = rng.choice([pools.given, pools.family, pools.family_single])(rng)
            return new.upper() if text.isupper() else new
        person = pools.person(rng)
        new = (
            f"{person['given'][0]}. {person['family']}"
            if re.match(r"^\w\.$", words[0])
            else f"{person['given']} {person['family']}"
        )
        return new.upper() if text.isupper() else new.lower() if text.islower() else new
    if (
        kind == "ADDRESS"
        and len(words) <= 2
        and text[:1].isalpha()
        and text.replace(" ", "").replace("-", "").isalpha()
    ):
        new = pools.place(rng)
        return new.upper() if text.isupper() else new.lower() if text.islower() else new
    if kind == "ID" and "\n" not in text and re.search(r"\d", text):
        return "".join(str(rng.randint(0, 9)) if c.isdigit() else c for c in text)
    if kind == "CONTACT" and re.match(r"^[\d\s()+./x#-]+$", text):
        return "".join(str(rng.randint(0, 9)) if c.isdigit() else c for c in text)
    return text


def fill(template, case, refill=0.0):
    """(text, spans) of a template for one case; spans as (start, end, kind)."""
    rng, out, spans, at = case.rng, [], [], 0

    def add(text, kind=None):
        nonlocal at
        if kind and text.strip():
            lead = len(text) - len(text.lstrip())
            spans.append((at + lead, at + len(text.rstrip()), kind))
        out.append(text)
        at += len(text)

    last = 0
    for m in PIECE.finditer(template.text):
        add(template.text[last : m.start()])
        last = m.end()
        if m.group(1) is not None:
            for text, kind in write_slot(case, m.group(1)):
                add(recase(text, template.case) if kind or m.group(1).startswith("MED") else text, kind)
        else:
            literal = m.group(3)
            if refill and rng.random() < refill:
                literal = another_literal(case, m.group(2), literal)
            add(literal, m.group(2))
    add(template.text[last:])
    return "".join(out), spans


def known_of(case, incomplete):
    """What the patient's structured record says; some of the time not all of it."""
    rng, p = case.rng, case.person("patient")
    street, city = case.thing_of.get("street"), case.thing_of.get("city")
    given = [p["given"]] + ([p["middle"]] if p["middle"] and len(p["middle"]) > 2 else [])
    known = {
        "given": given,
        "family": p["family"],
        "birthDate": case.birth.isoformat(),
        "mrn": case.thing_of.get("ID.mrn") or case.pools.id(rng, "mrn"),
        "ssn": case.thing_of.get("ID.ssn") or case.pools.id(rng, "ssn"),
        "address": {
            "line": street or case.pools.street(rng),
            "city": city or case.pools.place(rng),
            "state": "",
            "postalCode": case.thing_of.get("zip") or case.pools.zip(rng),
        },
        "phone": case.thing_of.get("CONTACT.phone") or case.pools.phone(rng),
        "email": case.thing_of.get("CONTACT.email") or case.pools.contact(rng, "email", p),
    }
    if incomplete and rng.random() < 0.3:
        for key in rng.sample(sorted(known), rng.randint(1, 5)):
            if key != "family":
                known.pop(key)
    return known


# ---------------------------------------------------------------- changes that keep every offset


def noisy(rng, text, spans):
    """The same note as another keyboard, printer or scanner would have it; no character more or less."""
    chars = list(text)
    if rng.random() < 0.15:
        chars = ["’" if c == "'" else c for c in chars]
    if rng.random() < 0.12:
        width, since = rng.randint(38, 96), 0
        for i, c in enumerate(chars):
            since = 0 if c == "\n" else since + 1
            if c == " " and since >= width:
                chars[i], since = "\n", 0
    elif rng.random() < 0.06:
        chars = [
            " " if c == "\n" and 0 < i < len(chars) - 1 and chars[i - 1] != "\n" and chars[i + 1] != "\n" else c
            for i, c in enumerate(chars)
        ]
    if rng.random() < 0.02:
        chars = ["\u00a0" if c == " " and rng.random() < 0.3 else c for c in chars]
    if rng.random() < 0.02:
        swap = {"o": "0", "O": "0", "l": "1", "I": "l", "S": "5", "e": "c"}
        chars = [swap.get(c, c) if rng.random() < 0.08 else c for c in chars]
    return "".join(chars)


def plain_folded(text):
    return "".join(f if len(f := fold(c)) == 1 else c for c in text)
