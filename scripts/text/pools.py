"""Names, places, organisations and numbers in great variety, for notes made from templates.

Sources: the lists of Faker (MIT) in many locales, the US census of 1990 (public domain; a folder given by the caller),
and forms of our own. Every name belongs to one half, `train` or `eval`, by a hash of its letters: notes for training
and notes for measuring share no name but by accident of spelling (a name of two parts takes both from one half).
"""
import hashlib
import importlib
import pathlib
import pkgutil
import random
import re
import unicodedata

LATIN = re.compile(r"^[A-Za-zÀ-ɏḀ-ỿ][A-Za-zÀ-ɏḀ-ỿ'’.\- ]*$")
TITLE = re.compile(r"^(?:[A-Z][a-z]{1,4}\.|Dr|Mr|Mrs|Ms|Miss|Prof)\s")


def half_of(name):
    return "eval" if hashlib.sha256(name.lower().encode()).digest()[0] & 1 else "train"


def fold(text):
    """Without diacritics."""
    kept = unicodedata.normalize("NFD", text.translate(str.maketrans("øłŁØ", "olLO")))
    return "".join(c for c in kept if not unicodedata.combining(c))


def faker_lists(room, pattern):
    """{locale: sorted words} of every list of a Faker provider whose name matches."""
    package = importlib.import_module("faker.providers." + room)
    found = {}
    for module in pkgutil.iter_modules(package.__path__):
        provider = getattr(importlib.import_module(f"faker.providers.{room}.{module.name}"), "Provider", None)
        words = set()
        for name in dir(provider) if provider else ():
            values = getattr(provider, name)
            if re.match(pattern, name) and isinstance(values, (list, tuple, dict, set)):
                for value in values:
                    value = value[0] if isinstance(value, tuple) else value
                    if isinstance(value, str) and LATIN.match(value) and len(value) > 1:
                        words.add(TITLE.sub("", value).strip())
        if words:
            found[module.name] = sorted(words)
    return found


def medical_words():
    """Words of medicine by what they are, from the sections of our own list."""
    sections = {"drugs, generic": "drug", "drugs, brands": "brand", "devices": "device", "eponyms of": "eponym",
    "eponyms, more": "eponym2",
                "abbreviations": "abbr"}  # "abbreviations, more" too
    found, now = {}, None
    path = pathlib.Path(__file__).resolve().parent / "words/medical-en.txt"
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            now = next((to for text, to in sections.items() if line[2:].startswith(text)), None)
        elif now:
            found.setdefault(now, []).extend(line.split())
    first = found["eponym"].index("Bartonella")
    found["eponym"], found["organism"] = found["eponym"][:first] + found.pop("eponym2"), found["eponym"][first:]
    peoples = (path.parent / "peoples-en.txt").read_text(encoding="utf-8").splitlines()
    found["people"] = [w for line in peoples if not line.startswith("#") for w in line.split()]
    return found


class Markov:
    """Spells new names that look like those it has read."""

    def __init__(self, names, order=3):
        self.order, self.next = order, {}
        for name in names:
            name = "^" * order + name.lower() + "$"
            for i in range(order, len(name)):
                self.next.setdefault(name[i - order:i], []).append(name[i])

    def make(self, rng, least=4, most=12):
        while True:
            text = "^" * self.order
            while not text.endswith("$") and len(text) < most + 8:
                text += rng.choice(self.next[text[-self.order:]])
            text = text.strip("^$")
            if least <= len(text) <= most and text.isalpha():
                return text.capitalize()


# Families and given names that are written in Latin letters by several customs and are rare in the lists above.
MORE_GIVEN = """Thuy-Linh Minh Anh Nguyet Duc Tuan Hoa Linh Phuong Xuan Bao Mei Xiu Wei Jun Hao Yan Ling Fang Jing Li Na
Min-jun Ji-woo Seo-yeon Hye-jin Sung-ho Young-hee Kyung Jae Eun-ji Haruki Yuki Aiko Kenji Satoshi Naoko Ayumi Hiroshi
Emiko Arjun Priya Lakshmi Sanjay Deepa Anjali Rohan Kavita Venkat Harpreet Gurpreet Manjit Jaswinder Simran Balbir
Mohammed Mohamed Muhammad Ahmed Fatima Aisha Yusuf Ibrahim Khadija Zainab Omar Layla Hassan Hussein Abdulrahman
Abdullah Samira Noor Bilal Tariq Rania Nadia Amira Soraya Farid Reza Shirin Parisa Dariush Bahar Mehdi Oluwaseun
Adebayo Chidi Ngozi Ifeoma Chinedu Amaka Funmilayo Temitope Babatunde Kwame Kofi Akosua Ama Yaw Abena Wanjiru Kamau
Achieng Otieno Njeri Mwangi Thabo Sipho Nomsa Lerato Zanele Tendai Rudo Farai Chipo Tatenda Selam Tesfaye Abebe Hiwot
Mulugeta Aster Xochitl Itzel Citlali Guadalupe Lupita Refugio Consuelo Esperanza Socorro Pilar Concepcion Trinidad
Chayton Kateri Tallulah Winona Dakota Cheyenne Aponi Koda Keanu Leilani Kalani Malia Nalani Keoni Sione Mele Tavita
Losa Fetu Aroha Tane Wiremu Hinemoa Anahera Rangi Mere Tamati Siobhan Niamh Aoife Caoimhe Saoirse Oisin Cillian
Grainne Roisin Eoin Padraig Tadhg Ruairi Angharad Rhiannon Eluned Ieuan Gethin Myfanwy Carys Cerys Emrys Iolo
Morag Eilidh Catriona Hamish Lachlan Fergus Iain Calum Mhairi Isla Eithne Bjorn Astrid Sigrid Ingrid Thorvald Solveig
Magnus Leif Ragnhild Gudrun Snorri Halldora Aino Eero Tuuli Jukka Kaisa Zbigniew Grazyna Malgorzata Wojciech Danuta
Bogdan Iryna Oksana Taras Olena Vasyl Yevhen Svetlana Dmitri Ludmila Galina Arkady Nino Giorgi Tamar Levan Anahit
Armen Hovhannes Shoghik Dragan Milica Zoran Jelena Vesna Goran Ana-Maria Ioana Mihai Razvan Crina Eleni Kostas
Dimitra Yiannis Despina Panagiotis Chrysoula Shira Avi Moshe Rivka Yael Chaim Shmuel Malka Devorah Yitzhak
Marie-Claire Jean-Luc Anne-Sophie Pierre-Yves Marie-Eve Jean-Baptiste Mary-Kate Anna-Lena Hans-Peter Karl-Heinz
Jo-Ann Sue-Ellen Billy-Jo Mary-Lou Ella-Mae La'Tasha D'Andre Da'Quan Ja'Marcus Ke'Shawn T'Keyah De'Ja Shaniqua
Latoya Tyrell DeShawn LaKeisha Jamal Precious Princess Heaven Nevaeh Treasure Messiah Legend Blaze Ryder Jaxxon
Brayleigh Kynlee Braxtyn Oakleigh Zayden Emmalynn Mackenzee Jaymes Aubrianna Caydence""".split()

MORE_FAMILY = """Nguyen Tran Le Pham Huynh Vo Dang Bui Do Ngo Duong Ly Chen Wang Zhang Liu Huang Zhao Wu Zhou Xu Sun
Ma Hu Guo He Lin Gao Luo Zheng Liang Xie Tang Ong Ng Tan Teo Lim Goh Chua Kim Lee Park Choi Jung Kang Cho Yoon Jang
Lim Han Shin Oh Seo Kwon Hwang Ahn Tanaka Suzuki Watanabe Yamamoto Nakamura Kobayashi Okafor Okonkwo Adeyemi
Oyelaran Ogunbanjo Eze Nwosu Achebe Adebayo Balogun Ibekwe Onyekachi Mensah Owusu Boateng Asante Appiah Osei Kamau
Mwangi Otieno Odhiambo Wanjala Kiprotich Mokoena Dlamini Nkosi Ndlovu Khumalo Moyo Chikwanha Mutasa Tesfaye Bekele
Haile Gebremedhin Abdi Warsame Hersi Farah Diallo Traore Keita Toure Ba Ndiaye Singh Kaur Patel Shah Desai Mehta
Krishnamurthy Venkataraman Subramanian Iyer Nair Pillai Banerjee Chatterjee Mukherjee Bhattacharya Chowdhury Rahman
Hossain Begum Khatun Khan Malik Qureshi Siddiqui Chaudhry Bhatti Ansari Haddad Khoury Mansour Nasser Aziz Hakim
Al-Sayed Al-Hussein El-Masri el-Amin bin-Rashid Ben-David Abu-Jaber Farrokhzad Hosseini Moradi Ahmadi Rostami
Petrosyan Hakobyan Kvaratskhelia Beridze Papadopoulos Karagiannis Kowalczyk Wisniewski Szymanska Wojcik Dvorakova
Novotny Horvath Szabo Kovacs Nemeth Popescu Ionescu Dumitrescu Jovanovic Petrovic Djordjevic Horvat Marusic
Shevchenko Kovalenko Bondarenko Ivanova Sidorov Kuznetsov Yilmaz Demir Ozturk Celik Sorensen Rasmussen Kjeldsen
Halvorsen Bjornstad Lindqvist Sjoberg Haapala Virtanen Makinen Jonsdottir Sigurdsson Fitzgerald FitzPatrick
O'Shaughnessy O'Dowd O'Neill O'Brien O'Malley McAllister MacGregor McNamara MacIntyre Mac-Giolla NiFhloinn Prosser
Gruffydd Llewellyn ap-Rhys Pritchard Cadwallader Trevelyan Penhaligon Polkinghorne Tregear Featherstonehaugh
Cholmondeley Ramsbottom Sidebottom Higginbottom Entwistle Ogilvie Farquharson Urquhart Dalziel Menzies Strachan
Colquhoun Kealoha Kamakawiwoole Tuilagi Fonoti Leota Taufahema Parata Ngata Begay Yazzie Tsosie Benally Nez
Whitehorse Two-Rivers Running-Bear Little-Eagle Standing-Elk Manygoats Etsitty Villanueva Arredondo Zepeda Cervantes
Quintanilla Uribe Baeza Echeverria Goicoechea Etxeberria Ferreira Goncalves Magalhaes Vasconcelos Esposito Ruggiero
Bevilacqua Di-Stefano D'Angelo D'Amico Dell'Orto Lo-Presti Beaulieu Desrosiers Lachance Bellefeuille Thibodeaux
Boudreaux Arceneaux Vandersloot Hoekstra Dijkstra Wiersma Goossens Vermeulen Zimmermann Schwarzkopf Leibowitz
Goldfarb Rosenzweig Feigenbaum Mordechai Zylberstein""".split()

# Names that are words too: those a reader of a note mistakes.
WORD_FAMILY = """White Black Brown Green Gray Grey Long Short Small Little Young Old Day Weeks May March June Frost Snow
Winter Summer Rain Gale Storm Fields Banks Hill Wood Woods Forest Rivers Brook Brooks Lake Pool Waters Stone Rock Sands
Clay Field Park Parks Street Lane Rhodes Bridge Ford Church Temple Bishop Pope Priest Abbott Dean Deacon Monk Nunn
King Queen Prince Duke Earl Baron Knight Page Squire Marshall Major Sergeant Constable Judge Law Sheriff Singer Piper
Harper Fiddler Drummer Baker Cook Butler Cooper Carter Carver Fisher Hunter Fowler Shepherd Bacon Lamb Veal Ham Rice
Berry Cherry Plum Peach Appleby Lemon Olive Rose Lilly Flowers Garland Bush Ash Oakes Thorne Birch Rowan Nutt Bean
Pease Corn Barley Wheat Bread Cake Pye Butter Honey Salt Pepper Ginger Sage Coffee Beer Wine Drinkwater Pain Payne
Akers Sickles Moody Savage Wild Strange Strong Stout Hardy Swift Sharp Smart Wise Noble Good Goodman Best Fair Moore
Lowe High Hand Hands Foot Legg Head Heady Beard Hart Bone Bones Blood Kidney Chin Cheek Temple Brain Nail Skinner
Back Ball Bell Bird Finch Crane Swan Peacock Drake Wren Nightingale Wolf Fox Bear Lyon Lamb Hare Roach Bass Pike
Salmon Herring Crabb Silver Gold Steele Copper Pound Penny Price Cash Rich Case Chance Grace Joy Love Bliss Hope
Faith Pride Power Powers Bolt Gunn Lance Shields Sword Speed Walker Turner Rider Driver Porter Ward Wall Gates Barr
Post Rich Welsh English French Ireland Scott Holland Spain Francis German Roman West East North Southern Wales
Washington Houston Lincoln Jackson Augusta Paris London York Chester Lancaster Will Wills Mark Marks Bill Frank Drew
Pat Rob Chase Grant Miles Early Late Daly Weekes Monday Friday Christmas Easter Noel Winters Hall House Barnes Stables
Kitchen Chambers Chapel Grave Graves Tombs Coffin Toombs Death Looney Paine Hurt Burns Cutts Stitch Nurse Doctor
Leach Cure Wellman Sickler Curie Roentgen Gleason Hodgkin Foley Crohn Parkinson Graves Wilson Addison Cushing Allen
Apgar Gram Bishop Murphy Homan Babinski Romberg Glasgow Barrett Bell Down Turner Klein Marfan Lewis Ewing Paget Bowen
Merkel Wright Jung Freud Root Stem Branch Twigg Leaf Hay Straw Dew Mist Fogg Cloud Sky Starr Moon Comfort Patient
Self Mann Guy Ladd Child Childs Boys Neal Bloom Budd Gentle Merry Gay Jolly Blythe Outlaw Crook Swindell Trainer
Beam Ray Gamma Barium Dose Field""".split()
WORD_GIVEN = """Will May Mark Grace Hope Faith Joy Charity Patience Prudence Mercy Constance Felicity Verity Art Bill
Bob Rob Pat Sue Drew Chase Grant Miles Rich Frank Ernest Earnest Basil Rosemary Ginger Sage Saffron Olive Ivy Lily
Daisy Poppy Violet Iris Heather Hazel Holly Fern Myrtle Laurel Rose June April August Augusta Autumn Summer Winter Dawn
Eve Noel Carol Melody Harmony Aria Viola Jewel Ruby Pearl Amber Jade Opal Crystal Coral Amethyst Goldie Sterling Brook
River Ocean Lake Sandy Rocky Cliff Dale Glen Heath Forest Robin Wren Jay Martin Raven Dove Birdie Buck Colt Wolf Leo
Tiger Ray Sunny Misty Stormy Gale Skye Star Stella Luna Orion Angel Angelica Christian Pope Bishop Dean Earl Duke King
Prince Princess Major Sergeant Hunter Mason Parker Carter Cooper Taylor Tyler Skyler Chance Lance Pierce Rod Nick
Chuck Jack John Dick Peter Willy Randy Gay Guy Buddy Junior Sonny Bunny Kitty Penny Cash Rusty Dusty Curt Victor
Justice Honor Liberty Destiny Trinity Genesis Genevieve Chastity Bliss Merry Happy Cherry Candy Honey Sherry Brandy
Margarita Tequila Dolores Mona Lisa Paris London Brooklyn Austin Houston Dallas Savannah Georgia Carolina Virginia
Dakota Montana Phoenix Cheyenne Sierra Asia India China Chad Jordan Israel Kenya Florence Vienna Sydney Adelaide
Victoria Alexandria Chelsea Lincoln Jackson Jesus Moses Job Christ""".split()
NICK = """Bob Bobby Rob Robbie Bill Billy Will Willie Dick Rick Ricky Rich Jim Jimmy Jack Johnny Chuck Charlie Chaz Ted
Teddy Ed Eddie Ned Tom Tommy Dan Danny Mike Mikey Mick Micky Pat Paddy Steve Stevie Tony Joe Joey Sam Sammy Ben Benny
Alex Al Sandy Xander Lexi Andy Drew Nick Nicky Greg Jeff Ken Kenny Ron Ronnie Don Donny Ray Larry Lenny Vinny Manny
Pete Phil Fred Freddie Gene Hank Harry Hal Art Artie Walt Wally Gus Lou Louie Max Moe Abe Ike Izzy Jake Zack Zeke Nate
Liz Lizzie Beth Betty Betsy Libby Eliza Kate Katie Kathy Kitty Kay Peg Peggy Meg Maggie Madge Molly Polly Sally Sue
Susie Annie Nan Nancy Nell Nellie Ellie Bea Trixie Dot Dottie Dee DeeDee Debbie Deb Deedee Cindy Sandy Mandy Mindy
Candy Becky Becca Jen Jenny Jess Jessie Jo Josie Vicky Tori Chris Chrissy Tina Tess Terry Trish Trisha Patsy Barb
Babs Bobbie Fran Frannie Gerry Ginny Gwen Hattie Hetty Jackie Jan Jeanie Judy Jude Kim Kris Lena Lottie Lola Lupe
Lupita Mimi Millie Minnie Connie Pam Penny Ria Rosie Roxy Steph Stef Val Viv Wendy Winnie Pepe Paco Pancho Nacho Chuy
Beto Memo Toño Chela Chayo Nena Shaz Gaz Baz Daz Caz Loz Kev Trev Bev Dezza Gazza Shazza Bazza Stevo Johnno Davo
Robbo Tommo Jonno Macca Sully Fitzy Smitty Jonesy Murph Kenz Mads Em Ems Nats Soph Izz Flo Tilly Tink Pip Pippa Binky
Bunny Bitsy Boo Bubba Bud Buddy Buzz Buster Butch Champ Chief Chip Coach Cookie Cricket Dale Dusty Duke Doc Flip Fuzzy
Goose Happy Hoss Jazz Junebug Junior Lefty Lucky Mack Moose Nana Papa Peaches Peanut Pinky Poppy Princess Pudge Punky
Rabbit Red Rocky Rusty Scooter Shorty Skip Skeeter Skinny Slim Smokey Sonny Sparky Spike Spud Stretch Sugar Sunshine
Tex Tiny Tootie Tweety Whitey Woody Big-Al Mr-T TJ JT DJ CJ AJ RJ JR PJ MJ BJ KC JB JD LJ T.J. J.D. A.J. B.J. C.C. D.J.
J.R. Granny-Jo Auntie-Bee Big-Mike Little-Man Old-Tom Wee-Jimmy""".split()
PETS = """Biscuit Tiddles Rex Fido Bella Luna Max Buddy Daisy Rocky Coco Milo Rosie Smokey Whiskers Mittens Socks Patch
Rover Lassie Pepper Ziggy Gizmo Marmalade Pickles Muffin Waffles Nugget Bear Duke Sasha Simba Nala Oreo""".split()

PLACE_A = """Ash Black Brack Bram Bright Brook Cald Car Chadd Cliff Cold Corn Cross Dal Dun East Edge Elm Fair Farn Fen
Fern Forth Gar Glen Gold Green Grim Hal Hart Haw Hazel Hein Hollow Horn Ing Kel Kettle King Knot Lang Lark Leigh Lind
Long Mal Maple Mar Mead Mill Moor Nether New North Oak Old Orch Over Pen Pine Quarry Quill Raven Red Rock Rose Row
Sallow Salt Sand Scar Shep Silver Sol South Stan Stone Strat Sun Swan Tarn Thorn Thrush Tolla Tre Up Vale Wal Weather
Wen West Whit Wil Wind Winter Wolf Wood Wyn York Copper Cedar Spring Clear Deer Eagle Elk Fox Heron Otter Rabbit Hay
""".split()
PLACE_B = """ton ham by ley field ford worth wick stead bury borough burgh minster mouth bridge brook dale den don gate
haven hurst land low mere more ness port ridge shaw side stoke thorpe view ville water well wood wold combe cott
hollow spring creek grove bluff crest holm quay tarn fell beck moor stow ridge burn dean vale cliffe cot""".split()
PLACE_OF = """upon-Tees upon-Avon on-Sea on-the-Hill in-Furness by-the-Sea under-Edge le-Moor le-Street super-Mare
St-Mary St-Anne Magna Parva Regis Episcopi Abbots Mills Junction Heights Beach Springs Falls Rapids Harbor Harbour
Point Park City Township Landing Crossing Corners Center Centre Bay Cove Island Lake Pines Oaks Estates Gap Prairie
Flats Ridge Valley Hollow Bend Ferry Summit Grove Shores Village Green End Cross Common Bottom Wells Spa""".split()
PLACE_PRE = """Little Great Upper Lower Nether High Low Old New North South East West Port Fort Mount Lake Point Saint
St. Santa San El Los Las La Le Glen Ben Inver Kil Bally Aber Llan Tre Pen Pont Castle Church Chipping Market Temple
Royal Grand Big Cape Isle-of Palm Rancho Villa Monte Rio Punta Bad Sankt Ober Unter Nieuw Oud Sint Nova Vila""".split()
REAL_PLACES = """Boston Chicago Houston Phoenix Dallas Austin Seattle Denver Portland Tucson Fresno Omaha Tulsa Oakland
Minneapolis Cleveland Wichita Arlington Tampa Honolulu Anaheim Aurora Lexington Stockton Cincinnati Pittsburgh Toledo
Newark Plano Orlando Chandler Laredo Norfolk Durham Madison Lubbock Irvine Reno Hialeah Garland Glendale Boise Spokane
Richmond Fremont Tacoma Modesto Akron Mobile Shreveport Knoxville Worcester Providence Chattanooga Tempe Salem Eugene
Peoria Macon Waco Billings Fargo Duluth Topeka Yuma Ithaca Bangor Juneau Gary Flint Erie Dayton Davenport Dubuque
Birmingham Leeds Sheffield Bradford Manchester Edinburgh Liverpool Bristol Cardiff Leicester Coventry Wakefield Hull
Nottingham Sunderland Brighton Plymouth Wolverhampton Derby Swansea Aberdeen Salford Dundee Inverness Norwich Exeter
Dublin Cork Galway Limerick Waterford Sligo Belfast Derry Sydney Melbourne Brisbane Perth Adelaide Hobart Darwin
Cairns Ballarat Bendigo Auckland Wellington Christchurch Hamilton Tauranga Dunedin Toronto Montreal Vancouver Calgary
Edmonton Ottawa Winnipeg Quebec Halifax Regina Mumbai Delhi Bengaluru Chennai Hyderabad Pune Kolkata Ahmedabad Lucknow
Karachi Lahore Dhaka Colombo Kathmandu Nairobi Mombasa Kisumu Lagos Ibadan Abuja Kano Accra Kumasi Harare Bulawayo
Johannesburg Durban Soweto Pretoria Kampala Addis-Ababa Mogadishu Khartoum Cairo Beirut Amman Baghdad Tehran Kabul
Manila Cebu Davao Jakarta Hanoi Saigon Bangkok Singapore Shanghai Beijing Guangzhou Seoul Busan Tokyo Osaka Lima
Bogotá Quito Guayaquil Caracas Managua Tegucigalpa Tijuana Juárez Guadalajara Monterrey Oaxaca Puebla Kingston
Port-au-Prince Santo-Domingo Havana San-Juan Ponce Paris Lyon Marseille Toulouse Brussels Antwerp Amsterdam Utrecht
Berlin Hamburg Munich Cologne Vienna Graz Zurich Geneva Milan Rome Naples Turin Madrid Barcelona Seville Lisbon Porto
Warsaw Krakow Lodz Prague Brno Budapest Bucharest Sofia Belgrade Zagreb Athens Istanbul Ankara Kyiv Lviv Odesa Moscow
Oslo Bergen Stockholm Malmö Copenhagen Aarhus Helsinki Tampere Reykjavik""".split()

STREET_SUFFIX = """Street St St. Road Rd Rd. Avenue Ave Ave. Lane Ln Drive Dr Dr. Court Ct Place Pl Way Boulevard Blvd
Circle Cir Terrace Ter Trail Trl Parkway Pkwy Highway Hwy Square Sq Close Crescent Cres Grove Gardens Gdns Hill Rise
Row Mews Walk View Green Wharf Quay Parade Path Pike Loop Run Crossing Ridge Bend Cove Point Alley Plaza Wynd Gate
Broadway Common Turn Pass Landing Heights Park""".split()
STATES = """AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH
OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY""".split()
SAINTS = """Mary Joseph John Luke Mark Anthony Francis Vincent Elizabeth Anne Andrew David Patrick Brigid Columba
Winifred Cuthbert Hilda Aidan Thomas Bartholomew Jude Clare Rita Bernadette Teresa Catherine Michael Gabriel Raphael
Peter Paul James Barnabas Nicholas Christopher George Alban Oswald Wilfrid Petroc Piran Teilo Dunstan Swithun Ursula
Mungo Ninian Kevin Finbarr Colman Edith Helena Agnes Lucia Rocco Camillus Damien Kateri""".split()
ORDINARY_FIRM = """Plumbing|Roofing|Tire & Lube|Bakery|Foods|Poultry|Logistics|Freight|Trucking|Steel|Foundry|Motors
|Auto Body|Hardware|Lumber|Dairy|Farms|Nursery|Landscaping|Cleaning Services|Staffing
|Security|Insurance|Mutual|Savings Bank
|Credit Union|Law Group|LLP|Partners|Associates|Consulting|Software|Systems|Robotics|Aerospace|Airlines|Transit|Rail
|Shipyard|Marine|Fisheries|Packing Co.|Bottling Company|Brewing Co.|Distillery|Winery|Vineyards|Diner|Grill|Café
|Pizza|Tavern|Hotel|Inn & Suites|Casino|Outfitters|Boutique|Salon|Gym|Fitness|Daycare|Library|Museum|Theatre|Press
|Times|Radio|Telecom|Energy|Power & Light|Gas|Water Board|Mining|Quarry|Concrete|Paving|Builders|Homes|Realty
|Furniture|Carpets|Textiles|Mills|Garments|Shoes|Toys|Printing|Packaging|Plastics|Chemicals|Paints|Glassworks|Pottery
|Ceramics|Electronics|Instruments|Optics|Biotech|Pharma|Labs|Warehouse|Distribution Center|Supermarket|Grocers|Butchers
|County Council|Fire Department|Police Department|Borough Council|School District|Sheriff's Office|Public Works
|Parks & Recreation|Post Office|Housing Association""".replace("\n", "").split("|")


class Pools:
    """What a note is filled with. `half`: train, eval or all."""

    def __init__(self, half, census=None):
        self.half = half
        mine = (lambda names: [n for n in names if half in ("all", half_of(n))])
        given = faker_lists("person", r"first_names?(_|$)")
        family = faker_lists("person", r"last_names?(_|$)")
        self.locales = [l for l in family if l in given and len(family[l]) > 20]
        self.given_of = {l: mine(given[l]) for l in self.locales}
        self.family_of = {l: mine(family[l]) for l in self.locales}
        self.census_given, self.census_family = [], []
        if census:
            folder = pathlib.Path(census)
            for name in ("census1990_first_female.txt", "census1990_first_male.txt"):
                self.census_given.append(mine((folder / name).read_text().split()))
            self.census_family = mine((folder / "census1990_last.txt").read_text().split())
        else:
            self.census_given = [self.given_of["en_US"]] * 2
            self.census_family = self.family_of["en_US"]
        self.more_given, self.more_family = mine(MORE_GIVEN), mine(MORE_FAMILY)
        self.word_given, self.word_family = mine(WORD_GIVEN), mine(WORD_FAMILY)
        self.nick = mine(NICK)
        self.spell_family = Markov(self.census_family[:20000:2] + self.more_family +
                                   [n for l in self.locales for n in self.family_of[l][:200]])
        self.spell_given = Markov(self.census_given[0][:1500] + self.census_given[1][:800] + self.more_given +
                                  [n for l in self.locales for n in self.given_of[l][:100]])
        cities = faker_lists("address", r"(cities|city_names?|villages|towns|municipalities)")
        self.cities = mine(sorted({c for words in cities.values() for c in words if len(c) < 24}))
        streets = faker_lists("address", r"(streets|street_names?)")
        self.streets = mine(sorted({c for words in streets.values() for c in words if len(c) < 30}))
        self.places = mine(REAL_PLACES)

        self.words = medical_words()
        self.spell_brand = Markov([w for w in self.words["brand"] if w.isalpha()])
        self.spell_drug = Markov([w for w in self.words["drug"] if w.isalpha()])

    def medical(self, rng, form):
        """A word of medicine; the new ones are in no list."""
        if form == "newname":
            roll = rng.random()
            make = self.family_single if roll < .6 else self.spell_family.make if roll < .9 else self.given
            return make(rng)
        if form.startswith("wordword"):
            word = rng.choice(self.word_family + self.word_given)
            return word if form.endswith("2") else word.lower()
        if form == "newbrand":
            return self.spell_brand.make(rng, 4, 10)
        if form == "newdrug":
            name = self.spell_drug.make(rng, 6, 14)
            return name.lower() if rng.random() < .6 else name
        if form == "abbr":
            return rng.choice(self.words["abbr"]).upper() if rng.random() < .6 else rng.choice(self.words["abbr"])
        return rng.choice(self.words[form.lower()])

    # ------------------------------------------------------------ people
    def ranked(self, rng, names):
        return names[min(len(names) - 1, int(len(names) ** rng.random()))]

    def given(self, rng):
        roll = rng.random()
        if roll < .36:
            return self.ranked(rng, rng.choice(self.census_given))
        if roll < .62:
            return rng.choice(self.given_of[rng.choice(self.locales)])
        if roll < .76:
            return rng.choice(self.more_given)
        if roll < .86:
            return rng.choice(self.word_given)
        if roll < .92:
            return self.spell_given.make(rng, 4, 10)
        return rng.choice(rng.choice(self.census_given))

    def family_single(self, rng):
        roll = rng.random()
        if roll < .22:
            return self.ranked(rng, self.census_family)
        if roll < .36:
            return rng.choice(self.census_family)
        if roll < .58:
            return rng.choice(self.family_of[rng.choice(self.locales)])
        if roll < .72:
            return rng.choice(self.more_family)
        if roll < .84:
            return rng.choice(self.word_family)
        return self.spell_family.make(rng)

    def family(self, rng):
        roll = rng.random()
        name = self.family_single(rng)
        if roll < .10:
            return name + "-" + self.family_single(rng)
        if roll < .15:
            prefix = rng.choice("van der|van|van den|von|de|de "
            "la|del|della|di|da|dos|du|le|la|ter|ten|St.|San|bin|al|"
                                "el|ap|O'|Mc|Mac|Fitz|D'|Ó|Ní|Abu|Ben|Ter|zu|af|de los".split("|"))
            return prefix + ("" if prefix in ("O'", "Mc", "Mac", "Fitz", "D'") else " ") + name
        if roll < .165:
            return name + " " + self.family_single(rng)
        return name

    def person(self, rng, family=None):
        given, name = self.given(rng), family or self.family(rng)
        if rng.random() < .35:
            given, name = fold(given), fold(name)
        middle = ""
        roll = rng.random()
        if roll < .22:
            middle = rng.choice("ABCDEFGHIJKLMNOPRSTVW") + rng.choice([".", "", "."])
        elif roll < .30:
            middle = self.given(rng)
        nick = self.nickname(rng, given)
        suffix = rng.choice(["Jr.", "Jr", "Sr.", "III", "II", "IV", "3rd"]) if rng.random() < .03 else ""
        return {"given": given, "family": name, "middle": middle, "nick": nick, "suffix": suffix}

    def nickname(self, rng, given):
        roll = rng.random()
        if roll < .45:
            return rng.choice(self.nick).replace("-", " ") if rng.random() < .3 else rng.choice(self.nick)
        if roll < .75 and len(given) > 4:
            stem = re.match(r"[^aeiouAEIOU]*[aeiouy]?[^aeiou]?", given).group(0) or given[:3]
            stem = stem if len(stem) > 2 else given[:3]
            return stem + rng.choice(["", "", "y", "ie", "o", "zza", "s", "i"])
        return self.given(rng)

    # ------------------------------------------------------------ places
    def place(self, rng):
        roll = rng.random()
        if roll < .30:
            return rng.choice(self.cities)
        if roll < .46:
            return rng.choice(self.places).replace("-", " ")
        core = rng.choice(PLACE_A) + rng.choice(PLACE_B)
        if roll < .52:
            core = rng.choice(PLACE_PRE).replace("-", " ") + " " + core
        elif roll < .66:
            core += (" " if rng.random() < .6 else "-") + rng.choice(PLACE_OF)
        elif roll < .72:
            core = self.family_single(rng) + rng.choice(["ville", "town", "burg", " City", "ton", " Creek", " Falls",
                                                         "'s Landing", "s Corner", " Heights"])
        elif roll < .76:
            core = rng.choice(["North", "South", "East", "West", "Lake", "Port", "New"]) + self.given(rng) + \
                rng.choice(["view", "mouth", "ton", "fort", "shire", "bury", "side", "land", "chester", "stad"])
        elif roll < .80:
            core = self.spell_family.make(rng) + rng.choice(["", "", "o", "a", "grad", "pur", "abad", "stadt",
            "ville"])
        return core

    def street(self, rng):
        roll = rng.random()
        number = str(rng.choice([rng.randint(1, 99), rng.randint(100, 999), rng.randint(1000, 19999)]))
        if rng.random() < .06:
            number += rng.choice(["A", "B", "a", "½", " 1/2", "-" + str(rng.randint(1, 30)), "b"])
        if roll < .05:
            return rng.choice(["P.O. Box ", "PO Box ", "Box ", "RR 2 Box ", "P O BOX ", "Private Bag "]) + \
                str(rng.randint(2, 9999))
        if roll < .10:
            return rng.choice(["County Road ", "Highway ", "State Route ", "FM ", "CR ", "US-", "Rte ", "N. Highway "]
                              ).join([number + " ", str(rng.randint(1, 999))])
        if roll < .18:
            return rng.choice(["Flat ", "Unit ", "Apt "]) + str(rng.randint(1, 60)) + rng.choice([", ", ", ",
            " "]) + \
                number + " " + self.street_name(rng)
        if roll < .22:
            return rng.choice(["The Old Rectory", "Rose Cottage", "Mill House", "Fairview", "The Lodge", "Hillcrest",
                               "Woodside", "The Bungalow", "Orchard House", "Ivy Bank", "Primrose Barn",
                               "Tower Court"]
                              ) + ", " + self.street_name(rng)
        if roll < .27:
            name = rng.choice(self.streets)
            return name + " " + number if rng.random() < .6 else number + " " + name
        return number + rng.choice([" ", " ", " ", " ", ", ", "  "]) + self.street_name(rng)

    def street_name(self, rng):
        roll = rng.random()
        lead = rng.choice(["N ", "S ", "E ", "W ", "N. ", "NW ", "SE ", "West ", "North ", "Old ", "Upper ", "East "]
                          ) if rng.random() < .2 else ""
        if roll < .15:
            return lead + rng.choice(["1st", "2nd", "3rd", "4th", "5th", "9th", "11th", "12th", "21st", "42nd",
            "103rd",
                                      "Second", "Third", "Seventh", "First"]) + " " + rng.choice(STREET_SUFFIX)
        if roll < .30:
            core = rng.choice("Main Oak Elm Maple Cedar Pine Walnut Chestnut Washington Lincoln Jefferson Church "
            "High "
                              "Station Park Mill River Lake Hill Ridge Sunset Spring Center School Bridge Court Fore "
                              "Market Queen King Victoria Albert Green North South".split())
        elif roll < .6:
            core = self.family_single(rng)
        elif roll < .75:
            core = rng.choice(PLACE_A) + rng.choice(PLACE_B)
        elif roll < .85:
            core = self.given(rng)
        elif roll < .93:
            core = rng.choice(["Tanner's", "Bishop's", "Miller's", "Weaver's", "Pudding", "Gallows", "Quail",
            "Coyote",
                               "Whispering Pines", "Mockingbird", "Fox Hollow", "Deer Run", "Eagle's Nest",
                               "Lone Star",
                               "Martin Luther King", "Old Post", "Cherry Blossom", "Wagon Wheel", "Camino Real",
                               "Paseo del Norte", "Sainte-Catherine", "Mahatma Gandhi", "Nelson Mandela", "Airport"])
        else:
            core = self.place(rng)
        return lead + core + " " + rng.choice(STREET_SUFFIX)

    def unit(self, rng):
        n = str(rng.randint(1, 40))
        return rng.choice(["Apt " + n, "Apt. " + n + rng.choice("ABCD"), "Unit " + n, "#" + n, "Suite " + n + "0",
                           "Flat " + n, "Room " + n, "Lot " + n, "Rm. " + n, "Apartment " + n, "Bldg " + n, "Ste "
                           + n,
                           "Trailer " + n, "Space " + n, "No. " + n, "apt " + n + rng.choice("abc"), "2nd floor rear",
                           "Block " + rng.choice("ABC") + " #0" + n])

    def zip(self, rng):
        roll = rng.random()
        if roll < .6:
            return f"{rng.randint(501, 99950):05d}"
        if roll < .68:
            return f"{rng.randint(501, 99950):05d}-{rng.randint(1, 9999):04d}"
        letters = "ABCDEFGHJKLMNPRSTWXYZ"
        if roll < .9:
            area = rng.choice(["B", "M", "L", "SW", "NE", "LS", "EH", "CF", "PL", "TR", "QX", "BT", "SE", "WC", "N",
            "E"])
            return f"{area}{rng.randint(1, 39)}{rng.choice(['', '', '', 'A'])} {rng.randint(1, 9)}" + \
                rng.choice(letters) + rng.choice(letters)
        if roll < .95:
            return f"{rng.choice('ABEGHJKLMNPRSTVXY')}{rng.randint(1, 9)}{rng.choice(letters)} " \
                f"{rng.randint(1, 9)}{rng.choice(letters)}{rng.randint(1, 9)}"
        return rng.choice([f"{rng.randint(1000, 9999)}", f"{rng.randint(110001, 799999)}",
                           f"{rng.randint(1000, 9999)} {rng.choice(letters)}{rng.choice(letters)}"])

    # ------------------------------------------------------------ organisations
    def org(self, rng, form):
        pick, place = rng.choice, self.place(rng)
        name, saint = self.family_single(rng), rng.choice(SAINTS)
        st = pick(["St. ", "St ", "Saint ", "St. "]) + saint + pick(["'s", "'s", "", "s"])
        if form == "hospital":
            return pick([place + pick([" General Hospital", " General", " Memorial", " Memorial Hospital",
            " Regional",
                         " Regional Medical Center", " Medical Center", " Community Hospital", " District Hospital",
                         " County Hospital", " Infirmary", " Royal Infirmary", " University Hospital", " Health",
                         " Valley Medical Center", " Hospital", " Health System", " Children's Hospital", " Med Ctr",
                         " VA", " VAMC", " Base Hospital", " Cottage Hospital", " Teaching Hospital", " DGH", " RMC",
                         " Provincial Hospital", " Mission Hospital", " Sanatorium", " Heart Institute",
                         " Rehabilitation Hospital", " Behavioral Health", " Cancer Centre", " Cancer Institute"]),
                         st + pick([" Hospital", " Medical Center", " Infirmary", "", " Health", " Hosp.",
                         " Hospital",
                                    " Children's", " Mercy", " West"]),
                         name + pick([" Memorial Hospital", " Clinic", " Medical Center", " Institute", " General",
                                      " Memorial", " Hospital", " Eye Institute", " Children's", " Pavilion"]),
                         pick(["Royal ", "Queen ", "King ", "Princess ", "Prince ", "Sir ", "Lady ",
                         "Our Lady of "]) +
                         pick([self.given(rng), place, "Lourdes", "Mercy", "Grace"]) + pick([" Hospital",
                         " Infirmary",
                                                                                             "", " Medical Centre"]),
                         pick(["Mercy", "Providence", "Good Samaritan", "Sacred Heart", "Holy Cross", "Mount Sinai",
                               "Bethesda", "Trinity", "Ascension", "Unity", "Beacon", "Summit", "Harbor", "Lakeside",
                               "Riverside", "Northside", "Baptist", "Methodist", "Presbyterian", "Adventist",
                               "Shriners",
                               "Cedar", "Evergreen", "Sunrise", "Highlands", "Pacific", "Prairie", "Bayview"]) +
                         pick(["", " Hospital", " Medical Center", " Health", " General", " Regional", " " + place,
                               " Health System", " Med Ctr", " Community Hospital"]),
                         "".join(rng.choice("ABCDGHJLMNPRSTUVW") for _ in range(rng.randint(2, 3))) +
                         pick(["H", "MC", "GH", "UH", "RMC", "CH"])])
        if form == "ward_named":
            return pick([name + pick([" Ward", " Unit", " Wing", " Suite", " Pavilion", " House", " ward", " Lodge",
            ""]),
                         place + pick([" Ward", " Unit", " ward", " Suite", " Wing"]), st + pick([" Ward", " Unit"]),
                         pick(["Primrose", "Willow", "Maple", "Oak", "Sunflower", "Daffodil", "Kingfisher", "Puffin",
                               "Butterfly", "Rainbow", "Lavender", "Cedar", "Heron", "Osprey", "Juniper", "Bluebell",
                               "Nightingale", "Lister", "Fleming", "Jenner", "Seacole", "Cavell", "Bevan", "Elgar"]) +
                         pick([" Ward", " ward", " Unit", " Suite", " Wing", "", " Pod"]),
                         "Ward " + name, pick(["the ", ""]) + self.given(rng) + " " + name + pick([" Unit", " Ward",
                                                                                                   " Center"])])
        if form in ("clinic", "imaging", "lab"):
            return pick([place + pick([" Family Medicine", " Family Practice", " Clinic", " Surgery",
            " Medical Practice",
                         " Health Centre", " Medical Centre", " Internal Medicine", " Pediatrics", " Cardiology",
                         " Orthopedics", " Women's Health", " Dermatology", " Urgent Care", " Eye Care", " Oncology",
                         " Primary Care", " Physical Therapy", " Home Health", " Pain Management", " Dialysis Center",
                         " Community Health Center", " Walk-in Clinic", " Imaging", " Diagnostic Centre",
                         " Polyclinic",
                         " Hospice", " Home Care", " Ambulance", " EMS", " Wellness", " Rehab",
                         " Counselling Service",
                         " Dental Associates", " ENT", " Endoscopy Center", " Surgery Center", " GI Associates"]),
                         name + pick([" Clinic", " & Associates", " Family Dental", " Medical Group", " Pediatrics",
                                      " Orthopaedic Group", " Eye Center", " Dermatology", " Podiatry", " Imaging"]),
                         pick(["Bright", "Clear", "Blue", "Golden", "Silver", "First", "Hope", "New", "Peak", "True",
                               "Northern", "Southern", "Central", "Pacific", "Atlantic", "Lakeview", "Riverbend"])
                               + " " +
                         pick(["Harbor", "Path", "Horizon", "Leaf", "Step", "Creek", "Star", "Stone", "Bay",
                         "Ridge"]) +
                         pick([" Clinic", " Imaging", " Home Care", " Hospice", " Psychology", " Recovery", " Dental",
                               " Health", " Therapy", " Pediatrics", " Diagnostics, LLP", " Laboratories"])])
        if form == "nursinghome":
            return pick([place + pick([" Manor", " Nursing Home", " Care Center", " Rehab", " Nursing & Rehab",
            " SNF",
                         " Assisted Living", " House", " Lodge", " Court", " Village", " Care Home", " Convalescent",
                         " Living Center", " Gardens", " Retirement Community", " Health & Rehab", " Terrace"]),
                         pick(["Sunrise", "Golden Years", "Autumn", "Whispering", "Shady", "Maple", "Silver", "Rose",
                               "Heritage", "Pleasant", "Meadow", "Willow", "Birch", "Legacy", "Evergreen", "Cedar"]) +
                         pick([" Manor", " Oaks", " Pines", " Hills", " Acres", " Brook", " Grove", " Lodge",
                         " House",
                               " Gardens", " Court", " Care Center", " Village", " Place", " Crest", " Point"]),
                         st + pick([" Home", " Care Home", " Villa", " Rest Home", " Manor"]),
                         name + pick([" House", " Lodge", " Manor", " Court", " Villa", " Home"])])
        if form == "pharmacy":
            return pick([place + " Pharmacy", name + pick([" Drugs", " Pharmacy", "'s Pharmacy", " Chemist",
            " Drug Store",
                         " Apothecary", " & Son Chemists"]), pick(["Walgreens", "CVS", "Rite Aid", "Boots", "Kroger",
                         "Walmart", "Costco", "Publix", "Lloyds", "Superdrug", "Kaiser", "Safeway", "Shoppers",
                         "Duane"
                         " Reade", "H-E-B", "Meijer", "Wegmans", "Hy-Vee", "Well Pharmacy", "Day Lewis"]) +
                         pick(["", "", " Pharmacy", " on " + self.street_name(rng), " #" + str(rng.randint(100,
                         9999))]),
                         pick(["Corner", "Main Street", "Village", "Family", "Community", "Medicine Shoppe",
                         "Care Plus",
                               "Health Mart", "Good Neighbor", "Central", "High Street", "Green Cross"]) +
                               " Pharmacy"])
        if form == "school":
            return pick([place + pick([" Elementary", " Elementary School", " High School", " High", " Middle School",
                         " Primary", " Primary School", " Academy", " College", " University", " Community College",
                         " Grammar School", " Montessori", " Preschool", " Head Start", " Nursery", " Junior High",
                         " HS",
                         " Secondary", " State", " Day School", " Kindergarten", " Infants", " Tech", " ISD"]),
                         st + pick([" School", " Academy", " Primary", " RC Primary", " College", " C of E Primary"]),
                         name + pick([" Elementary", " Academy", " Middle School", " High School", " School",
                         " College",
                                      " Hall", " Institute"]),
                         "University of " + place, self.given(rng) + " " + name + pick([" Elementary", " High School",
                                                                                        " Middle School",
                                                                                        " Academy"]),
                         pick(["Little Acorns", "Tiny Steps", "Busy Bees", "Rainbow Kids", "Sunshine",
                         "Happy Days"]) +
                         pick([" Nursery", " Daycare", " Preschool", " Childcare", " Playgroup"])])
        if form == "church":
            return pick([st + pick([" Church", "", " Parish", " Lutheran", " RC Church", " Episcopal", " Cathedral",
                                    " Orthodox Church"]),
                         pick(["First", "Second", "Grace", "Calvary", "Bethel", "Zion", "Mount Zion", "New Hope",
                         "Faith",
                               "Trinity", "Shiloh", "Ebenezer", "Greater", "Living Word", "Abundant Life", place]) +
                         pick([" Baptist", " Baptist Church", " Methodist", " United Methodist", " Presbyterian",
                         " AME",
                               " Lutheran", " Church of God", " Temple", " Assembly of God", " Chapel",
                               " Community Church",
                               " Tabernacle", " Fellowship", " Mosque", " Synagogue", " Gurdwara",
                               " Islamic Center"]),
                         pick(["Our Lady of ", "Church of the ", "Temple ", "Congregation ", "Masjid "]) +
                         pick(["Sorrows", "Guadalupe", "Fatima", "Holy Spirit", "Redeemer", "Beth Israel", "Emanu-El",
                               "Good Shepherd", "Al-Noor", "Nativity", "the Marsh", "Perpetual Help"])])
        return self.employer(rng, place, name)

    def employer(self, rng, place, name):
        pick = rng.choice
        firm = pick(ORDINARY_FIRM).strip()
        return pick([name + pick([" & Sons", " & Co.", " Bros", " Brothers", " Ltd", " Inc.", " Industries",
        " Group", ""]),
                     name + " " + firm, name + "'s " + firm, place + " " + firm, place + " " + firm,
                     pick(["Amazon", "Walmart", "Target", "FedEx", "UPS", "Boeing", "Ford", "Tesco", "Home Depot",
                           "Costco", "Starbucks", "Kroger", "Lowe's", "Google", "Intel", "Tyson", "Cargill", "Delta",
                           "Sainsbury's", "Asda", "Royal Mail", "Network Rail", "Qantas", "Telstra", "Infosys",
                           "Tata",
                           "the post office", "Dollar General", "Subway", "Uber", "DHL", "Nestle", "Siemens",
                           "Bosch"]),
                     name + ", " + self.family_single(rng) + " " + pick(["& ", "and "]) + self.family_single(rng),
                     pick(["Allied", "Apex", "Acme", "National", "United", "Superior", "Precision", "Premier",
                     "Global",
                           "Delta", "Omega", "Titan", "Pioneer", "Liberty", "Eagle", "Lone Star", "Blue Ridge",
                           "Tri-County",
                           "Mid-State", "Great Lakes", "Coastal", "Northwest", "Sunbelt", "Keystone"]) + " " + firm])

    # ------------------------------------------------------------ numbers
    def digits(self, rng, n):
        return "".join(rng.choice("0123456789") for _ in range(n))

    def code(self, rng, shape):
        """9 a digit, A a capital, a a small letter, ? a capital or digit; other characters stand for themselves."""
        return "".join(rng.choice("0123456789") if c == "9" else rng.choice("ABCDEFGHJKLMNPRSTUVWXYZ") if c == "A"
        else
                       rng.choice("abcdefghjkmnpqrstuvwxyz") if c == "a" else
                       rng.choice("ABCDEFGHJKLMNPRSTUVWXYZ0123456789") if c == "?" else c for c in shape)

    SHAPES = {
        "mrn": "9999999 99999999 999999 999999999 99-99-99 999-99-99 9999-9999 A9999999 A999999 M99999-A MRN9999999 "
               "0099999 99999999 9999999999 999_999_999 AA999999 99_99_99 A99-9999 E999999999 H9999999 999.999.999 "
               "99999 "
               "A-999999 9999/99 99-999999 9999_9999 K999999".split(),
        "accession": "A99-99999 99-AA-99999 S99-9999 999999999 AC9999999 AAA-99-9999 9999999-9 CT9999999 SP-99-99999 "
                     "E99999999 RAD99-999999 9999999999 99A999999 XR999999-A A999999 20999999 99:AA99999".split(),
        "account": "999999999 9999999999 A999999999 99999-9999 V99999999 ACCT9999999 9999-9999-9999 9999999-99 "
                   "H99999999999 99999999".split(),
        "insurance": "AAA999999999 999-99-9999A A99999999 W999999999 XYZ99999999 AA99-9999-999 9AA9-AA9-AA99 "
        "999999999-01 "
                     "9999999999 H9999-999 AAA9999A9999 BC-99999999 999_999_9999 U9999999901 9999_99999_9".split(),
        "licence": "A99999 9999999 999999 A9999999 MD999999 RN999999 RN-99999 9999999999 PT99999 AA-99999 99-99999 "
        "BA9999999 "
                   "PA99999 NP9999 AA9999999 99A9999A 9999999".split(),
        "device": "AAA999999A SN99999999 99999999 AAA-99999-99 A999999AA 9999-99999 PJN999999H RV99999999 AA99999999 "
                  "9A9A99999 999999999 W99AA99 DDB9999999 AAAA9999 9999A99 A9-99999-AA".split(),
        "vehicle": "AAA_9999 AAA-9999 9AAA999 AA99_AAA AA99AAA 999_AAA AAA_999 AA-999-AA 99-A-9999 AA9_9AA A99_AAA "
        "AAA999 "
                   "AA_99_AA_9999 9AA_A99 AAA9A99".split(),
        "study": "999-999 99-9999 AAA-999 AA-99-999 9999-999 S-9999 999-99-999 AAAA-9999 ABC9-99-999 P999 01-999 "
        "999/99 "
                 "AA999-99999 R9999 SUBJ-9999 99-AA-999".split(),
        "ssn": "999-99-9999 999-99-9999 999_99_9999 999999999 ***-**-9999 xxx-xx-9999 999-99-9999".split(),
        "nhs": "999_999_9999 999_999_9999 9999999999 999-999-9999".split(),
        "other": "99-99999 9999999 A999999 AA-9999-99 99999 REF999999 9999-99-9999 #99999 INC999999 9999/9999 "
        "AA/99/9999 "
                 "T-99999 AAA99-9999 99999999 999999-AA SR9999999 99-AA-9999 AAA/99/9999 A9A-9A9 9999-A 999-9999-99 "
                 "??-9999-?? "
                 "CASE-99-9999 ????-???? 9999A PA9999999 999_999_999 AAA999999 Q99/999".split(),
    }

    def id(self, rng, form, person=None):
        if form == "login" and person:
            g, f = (re.sub(r"[^a-z]", "", fold(person[k]).lower()) or "q" for k in ("given", "family"))
            return rng.choice([g[0] + f, f + g[0], g + "." + f, f[:5] + self.digits(rng, 2), g[0] + f[:6] + "01",
                               self.code(rng, "aaa9999"), self.code(rng, "A999999"), g[:3] + f[:3] +
                               self.digits(rng, 2),
                               f + "_" + g[0], g[0] + "-" + f, self.code(rng, "aa99999"), self.code(rng, "u999999")])
        shape = rng.choice(self.SHAPES.get(form, self.SHAPES["other"]))
        return self.code(rng, shape.replace("9", "9")).replace("_", " ")

    def phone(self, rng):
        d = self.digits
        area, a, b = str(rng.randint(201, 989)), str(rng.randint(200, 999)), d(rng, 4)
        roll = rng.random()
        if roll < .66:
            return rng.choice([f"({area}) {a}-{b}", f"{area}-{a}-{b}", f"{area}.{a}.{b}", f"{area} {a} {b}",
                               f"{area}{a}{b}", f"+1 {area} {a} {b}", f"1-{area}-{a}-{b}", f"{area}/{a}-{b}",
                               f"({area}){a}-{b}", f"+1-{area}-{a}-{b}", f"{area} {a}-{b}", f"{a}-{b}",
                               f"({area}) {a} {b}",
                               f"+1{area}{a}{b}", f"{area}-{a}{b}", f"{area}- {a}- {b}", f"{a} {b}",
                               f"001-{area}-{a}-{b}",
                               f"1 ({area}) {a}-{b}", f"{area}-{a}-{b}"])
        if roll < .86:
            return rng.choice([f"07{d(rng, 3)} {d(rng, 6)}", f"07{d(rng, 3)} {d(rng, 3)} {d(rng, 3)}",
            f"07{d(rng, 9)}",
                               f"01{d(rng, 3)} {d(rng, 6)}", f"020 {d(rng, 4)} {d(rng, 4)}",
                               f"0{d(rng, 3)} {d(rng, 3)} {b}",
                               f"+44 7{d(rng, 3)} {d(rng, 6)}", f"(0{d(rng, 3)}) {d(rng, 3)} {b}",
                               f"01{d(rng, 3)}-{d(rng, 6)}",
                               f"0{d(rng, 2)} {d(rng, 4)} {d(rng, 4)}", f"+44 (0){d(rng, 4)} {d(rng, 6)}",
                               f"0{d(rng, 3)}/{d(rng, 6)}"])
        return rng.choice([f"04{d(rng, 2)} {d(rng, 3)} {d(rng, 3)}",
        f"(0{rng.randint(2, 8)}) {d(rng, 4)} {d(rng, 4)}",
                           f"+61 4{d(rng, 2)} {d(rng, 3)} {d(rng, 3)}", f"+91 9{d(rng, 4)} {d(rng, 5)}",
                           f"9{d(rng, 9)}",
                           f"+27 {d(rng, 2)} {d(rng, 3)} {d(rng, 4)}", f"+234 80{d(rng, 1)} {d(rng, 3)} {d(rng, 4)}",
                           f"+353 8{d(rng, 1)} {d(rng, 3)} {d(rng, 4)}", f"02{d(rng, 1)} {d(rng, 3)} {d(rng, 4)}",
                           f"+49 {d(rng, 3)} {d(rng, 7)}",
                           f"+33 {rng.randint(1, 9)} {d(rng, 2)} {d(rng, 2)} {d(rng, 2)} "
                           f"{d(rng, 2)}", f"+254 7{d(rng, 2)} {d(rng, 6)}", f"00{d(rng, 2)} {d(rng, 2)} {d(rng, 7)}",
                           f"+{d(rng, 2)}-{d(rng, 3)}-{d(rng, 6)}",
                           f"0{d(rng, 1)}.{d(rng, 2)}.{d(rng, 2)}.{d(rng, 2)}."
                           f"{d(rng, 2)}"])

    def contact(self, rng, form, person, org=None):
        d = self.digits
        if form == "ext":
            return rng.choice([d(rng, 4), d(rng, 5), d(rng, 3), "x" + d(rng, 4), d(rng, 4), "5-" + d(rng, 4)])
        if form == "pager":
            return rng.choice([d(rng, 4), d(rng, 4), d(rng, 5), f"{d(rng, 3)}-{d(rng, 4)}", self.phone(rng), d(rng,
            3),
                               "#" + d(rng, 4), "p" + d(rng, 4), d(rng, 4)])
        g, f = (re.sub(r"[^a-z]", "", fold(person[k]).lower()) or "q" for k in ("given", "family"))
        site = re.sub(r"[^a-z]", "", fold(org or self.place(rng)).lower())[:16] or "site"
        if form == "email":
            user = rng.choice([f"{g}.{f}", f"{g[0]}{f}", f"{g}{f}", f"{g}_{f}", f"{f}.{g}", g + d(rng, 2), f +
            d(rng, 4),
                               f"{g[0]}.{f}", f"{g}-{f}", site[:6] + "mum" + d(rng, 2), "the" + f + "s",
                               f"{g}.{f}{d(rng, 2)}",
                               "appointments", "referrals", "intake", "secretary." + f, f"{f}{g[0]}", f"dr{f}"])
            host = rng.choice(["gmail.com", "yahoo.com", "hotmail.co.uk", "outlook.com", "icloud.com", "aol.com",
                               site + ".org", site + ".example", site + "-health.org", site + ".nhs.uk", site +
                               ".edu",
                               "example.com", "example.org", "mail.example", site + ".com", site + ".net",
                               "btinternet.com",
                               "protonmail.com", "comcast.net", "qq.com", "gmx.de", site + ".k12.example", site +
                               ".co"])
            return user + "@" + host
        if form == "url":
            return rng.choice([f"https://www.{site}.org", f"www.{site}.com", f"https://{site}.example.com/{f}",
            f"{site}.org",
                               f"http://{site}.com/portal/{d(rng, 5)}",
                               f"https://mychart.{site}.org/u/{g}{d(rng, 2)}",
                               f"www.{site}.example", f"{site}.example/{g}{f}", f"facebook.com/{g}.{f}.{d(rng, 2)}",
                               f"https://zoom.us/j/{d(rng, 10)}", f"instagram.com/{g}{f}",
                               f"https://gofund.me/{d(rng, 6)}"])
        if form == "ip":
            if rng.random() < .15:
                return ":".join("%x" % rng.randint(0, 65535) for _ in range(8))
            return ".".join(str(rng.randint(1, 254)) for _ in range(4))
        return self.phone(rng)
