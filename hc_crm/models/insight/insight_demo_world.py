"""The everyday customers of the shop of ``readme/DEMO.md``: who they are, when they came, what they took.

What it supports: figures of insight need some hundred customers whose purchases look like life. Nothing here
knows about Odoo: ``World(seed, today).customers()`` gives plain objects, ``insight_demo.py`` stores them.

How it works: a customer comes in, buys at a rate of their own and after each purchase may be gone for good,
the world of BG/NBD (Fader, Hardie, Lee 2005: rates are gamma, drop-out is beta distributed). Around one in
fifteen is a clockwork instead, some buy presents before Christmas only, some businesses stock up. What lies in
one bag hangs together: a blazer takes a shirt along, the shirt a tie.

>>> from datetime import date
>>> world = World(1, date(2026, 5, 4)).customers()
>>> [len(world), world[0].name] == [len(World(1, date(2026, 5, 4)).customers()), world[0].name]
True
>>> all(bag.day < date(2026, 5, 4) and bag.day.weekday() < 6 for one in world for bag in one.bags)
True
"""

import random
import unicodedata
from dataclasses import dataclass, field
from datetime import date, timedelta

DAYS = 730
PEOPLE = 596

# given names of women and men, family names, and how many of a hundred customers have such a name
NAMES = [
    (
        30,
        "Abigail Alice Beth Carol Claire Dana Diane Ellen Erin Grace Hazel Heather Holly Jane",
        "Adam Alan Ben Bruce Calvin Carl Craig Dean Earl Frank Gary George Glen Henry Jack",
        "Abbott Barker Bishop Brooks Carter Coleman Doyle Ellis Fleming Foster Gallagher Hayes",
    ),
    (
        18,
        "Adriana Beatriz Camila Carmen Daniela Elena Gabriela Isabel Luz Mariana Marisol",
        "Alejandro Andrés Carlos Diego Emilio Fernando Javier Joaquín Luis Mateo Rafael Santiago",
        "Aguilar Campos Castillo Delgado Flores Fuentes Herrera Ibarra Mendoza Navarro Ortega",
    ),
    (
        14,
        "Bo-Lin Fang Hui Jia Lan Li-Na Mei Min Ping Shu-Fen Xiu Yan Ying",
        "Bin Chao Guang Hao Jian Kai-Wen Lei Ming Tao Wei Yong",
        "Chan Chen Fung Ho Huang Lam Lau Leung Liang Lin Ng Tang Tsai Wong Wu Yip Zhang",
    ),
    (
        8,
        "Anjali Deepa Divya Kavya Lakshmi Meera Neha Pooja Sunita Uma",
        "Anand Arjun Karthik Manoj Nikhil Rahul Sanjay Suresh Vikram",
        "Agarwal Bhatt Chandra Desai Gupta Iyer Joshi Kapoor Menon Nair Rao Shah Verma",
    ),
    (
        7,
        "Annika Birgit Elke Franziska Greta Heike Katrin Marlene Sabine Ulrike",
        "Bernd Dieter Florian Günther Jürgen Lukas Matthias Rolf Stefan",
        "Albrecht Baumann Dietrich Engel Hartmann Krüger Lorenz Neumann Schäfer Vogel Winkler",
    ),
    (
        7,
        "Chi Hanh Hoa Huong Lien Linh Mai Ngoc Thao Trang",
        "Bao Duc Hai Hung Khanh Minh Phuc Quang Tuan",
        "Bui Dang Dinh Doan Ho Le Ngo Nguyen Pham Phan Tran Vo",
    ),
    (
        6,
        "Agnès Brigitte Céline Élodie Hélène Inès Margaux Solène",
        "Antoine Baptiste Édouard Gérard Julien Mathieu Olivier Yves",
        "Besson Chevalier Dubois Faure Girard Lambert Mercier Perrin Rousseau",
    ),
    (
        5,
        "Adaeze Ama Chidinma Efua Folake Ngozi Yetunde Zainab",
        "Chidi Emeka Femi Kofi Kwabena Obinna Tunde",
        "Adeyemi Asante Balogun Eze Mensah Nwosu Ofori Owusu",
    ),
    (
        5,
        "Astrid Freja Ingeborg Karin Liv Maja Sigrid",
        "Anders Bjørn Erik Håkon Lars Nils Sven",
        "Andersen Berg Dahl Hansen Holm Larsen Nygård Strand",
    ),
]

# city, state (of the United States) or country, how many of a hundred
PLACES = [
    ("San Francisco", "us", 58),
    ("Oakland", "us", 9),
    ("Berkeley", "us", 7),
    ("Daly City", "us", 5),
    ("San Mateo", "us", 4),
    ("Alameda", "us", 4),
    ("Sausalito", "us", 3),
    ("Palo Alto", "us", 3),
    ("Half Moon Bay", "us", 2),
    ("London", "gb", 1),
    ("Paris", "fr", 1),
    ("Milano", "it", 1),
    ("Berlin", "de", 1),
    ("Oslo", "no", 1),
]
# area codes around the bay; 555-0100 to 555-0199 belong to nobody
AREAS = (628, 510, 341, 408, 669, 707, 925, 831)
FUNCTIONS = (
    "Architect",
    "Attorney",
    "Nurse",
    "Teacher",
    "Estate Agent",
    "Product Manager",
    "Choir Director",
    "Dentist",
    "Gallerist",
    "Flight Attendant",
)
BUSINESS_NAMES = (
    "Bakery Halfpenny",
    "Barber Novak",
    "Blue Door Gallery",
    "Book Nook Valencia",
    "Canary Florists",
    "Cedar Street Yoga",
    "Corner Pharmacy Ho",
    "Dogpatch Ceramics",
    "Espresso Tre",
    "Fernando’s Taquería",
    "Golden Hour Photo",
    "Harbor View Realty",
    "Juniper Dental",
    "Kites & Lanterns",
    "Little Fox Kindergarten",
    "Mission Music School",
    "Noodle House Liang",
    "Olive & Thyme Catering",
    "Pier 9 Tours",
    "Quince Bistro",
    "Riverbend Opticians",
    "Salon Margaux",
    "Sunset Veterinary",
    "Wine Bar Aldo",
)

# what somebody comes for, by taste; a word said twice is taken twice as often
TASTES = {
    "suit": "blazer oxford oxford oxford tie tie chinos belt",
    "dress": "dress dress scarf shawl silk_blouse skirt",
    "everyday": "shirt shirt chinos cardi oxford tote belt",
    "silk": "scarf scarf silk_blouse skirt shawl square",
    "small": "tote square alter alter tie scarf",
    "gift": "scarf shawl tie square cardi gloves",
    "work": "apron apron blouse trousers oxford vest",
}
# what goes along, and how often
ALONG = {
    "blazer": {"oxford": 0.6, "tie": 0.4, "square": 0.3, "chinos": 0.3, "alter": 0.35},
    "oxford": {"tie": 0.35, "square": 0.12, "belt": 0.1},
    "tie": {"square": 0.4},
    "dress": {"shawl": 0.4, "scarf": 0.15, "hat": 0.15, "alter": 0.25},
    "silk_blouse": {"skirt": 0.45, "scarf": 0.25},
    "skirt": {"cardi": 0.2, "belt": 0.15},
    "chinos": {"belt": 0.4, "shirt": 0.25, "alter": 0.2},
    "shirt": {"hat": 0.15, "chinos": 0.15},
    "cardi": {"scarf": 0.2},
    "coat": {"gloves": 0.45, "scarf": 0.3},
    "apron": {"blouse": 0.2},
    "blouse": {"trousers": 0.5},
    "trousers": {"vest": 0.15, "alter": 0.2},
}
SERVICES = ("alter", "wrap")

# channel, direction, feeling from −2 to 2, what was said
TALKS = [
    ("counter", "in", 1, "Tried three, took one, laughed a lot"),
    ("counter", "in", 1, "Came to show how well the colour goes with her coat"),
    ("counter", "in", 2, "“The best fitting shirt I ever had”"),
    ("counter", "in", 0, "Looked around, comes back with her sister"),
    ("counter", "in", -1, "Waited ten minutes, nobody was free"),
    ("counter", "in", 2, "Brought biscuits for everybody"),
    ("counter", "in", 0, "Asked when the linen comes in"),
    ("call", "in", 0, "Asked whether we are open on Saturday"),
    ("call", "in", -1, "A seam came open after two washes"),
    ("call", "in", -2, "The parcel went to the old address, again"),
    ("call", "out", 1, "Told them the alteration is ready"),
    ("call", "out", 0, "Reached the voicemail, left a word"),
    ("call", "out", 2, "Thanked for the recommendation; very pleased"),
    ("email", "in", 0, "Which size for 40 inches around the chest?"),
    ("email", "in", 1, "A photo from the wedding, everybody in our ties"),
    ("email", "in", -1, "The colour is not the one of the picture"),
    ("email", "out", 0, "Sent the washing instructions"),
    ("visit", "in", 1, "Fitting, two pins, no haste"),
]


@dataclass
class Bag:
    """One purchase: ``lines`` are (product, quantity, discount in percent); a return has quantities below 0."""

    day: date
    lines: list
    is_seller_other: bool = False


@dataclass
class Customer:
    name: str
    is_company: bool
    city: str
    country: str
    email: str
    phone: str
    function: str
    seller: str
    since: date
    bags: list = field(default_factory=list)
    talks: list = field(default_factory=list)


class World:
    def __init__(self, seed, today):
        self.random = random.Random(seed)
        self.today = today
        self.start = today - timedelta(days=DAYS)
        self.names = set()
        self.phones = [f"+1 {area}-555-{number:04}" for area in AREAS for number in range(100, 200)]
        self.random.shuffle(self.phones)

    def customers(self):
        """Return everybody, in the order they first came."""
        people = [self._person() for _ in range(PEOPLE)]
        businesses = [self._business(name) for name in BUSINESS_NAMES]
        return sorted(people + businesses, key=lambda one: (one.since, one.name))

    def _pick(self, weighted):
        return self.random.choices(weighted, [row[0] for row in weighted])[0]

    def _chance(self, share):
        return self.random.random() < share

    def _person(self):
        while True:
            _share, women, men, families = self._pick(NAMES)
            given = self.random.choice((women if self._chance(0.6) else men).split())
            name = f"{given} {self.random.choice(families.split())}"
            if name not in self.names:
                break
        self.names.add(name)
        return self._fill(name, False)

    def _business(self, name):
        return self._fill(name, True)

    def _fill(self, name, is_company):
        rng = self.random
        city, country, _share = rng.choices(PLACES, [row[2] for row in PLACES])[0]
        if is_company:
            city, country = "San Francisco", "us"
        has_phone = country == "us" and self._chance(0.7)
        customer = Customer(
            name=name,
            is_company=is_company,
            city=city,
            country=country,
            email=self._email(name, is_company),
            phone=self.phones.pop() if has_phone else "",
            function=rng.choice(FUNCTIONS) if not is_company and self._chance(0.12) else "",
            seller=rng.choices(
                ("lena", "demo", "admin"), (4, 3, 3) if not is_company else (0, 3, 1)
            )[0],
            since=self.today,
        )
        self._shop(customer)
        self._talk(customer)
        return customer

    def _email(self, name, is_company):
        letters = unicodedata.normalize("NFKD", name.lower().replace("ø", "o"))
        plain = "".join(
            sign for sign in letters if sign.isascii() and (sign.isalnum() or sign == " ")
        )
        plain = ".".join(plain.split())
        if is_company:
            return f"hello@{plain.replace('.', '-')}.example"
        return f"{plain}@{self.random.choice(('mail', 'post', 'inbox', 'bay'))}.example"

    # when they come

    def _shop(self, customer):
        rng = self.random
        arrival = rng.choices(
            (rng.uniform(0, 200), rng.uniform(200, 640), rng.uniform(640, DAYS - 2)), (58, 33, 9)
        )[0]
        kind = (
            "work" if customer.is_company else rng.choices(("free", "clock", "gift"), (89, 5, 6))[0]
        )
        if kind in ("work", "clock"):
            days = self._clockwork(arrival)
        elif kind == "gift":
            days = self._presents(arrival)
        else:
            days = self._free(arrival)
        tastes = ["work"] if customer.is_company else rng.sample(list(TASTES)[:5], 2)
        if kind == "gift":
            tastes = ["gift"]
        hunts = self._chance(0.12)
        loyal = self._chance(0.75)
        for day in self._open_days(days):
            bag = Bag(day, self._bag(customer, tastes, day, hunts), not loyal and self._chance(0.4))
            customer.bags.append(bag)
        self._bring_back(customer)
        customer.since = customer.bags[0].day

    def _open_days(self, days):
        """Days before today, each once, none of them a Sunday."""
        dates = {self.start + timedelta(days=int(day)) for day in days if day < DAYS - 1}
        dates = {day + timedelta(days=day.weekday() == 6) for day in dates}
        return sorted(day for day in dates if day < self.today) or [
            self.today - timedelta(days=2 if self.today.weekday() == 0 else 1)
        ]

    def _clockwork(self, arrival):
        rng = self.random
        gap = rng.uniform(18, 80)
        # one in five stopped one day
        end = rng.uniform(arrival + 4 * gap, DAYS) if self._chance(0.2) else DAYS
        days = [arrival]
        while days[-1] < end:
            days.append(days[-1] + max(4, rng.gauss(gap, 0.12 * gap)))
        return days[:-1] or days

    def _presents(self, arrival):
        days = [arrival]
        for year in range(self.start.year, self.today.year + 1):
            if self._chance(0.8):
                day = (date(year, 11, 20) - self.start).days + self.random.randrange(33)
                if day > arrival:
                    days.append(day)
        return days

    def _free(self, arrival):
        rng = self.random
        # nobody needs new clothes every week
        rate = min(rng.gammavariate(1.3, 1 / (1.3 * 66)), 1 / 20)
        leaving = rng.betavariate(0.9, 4)
        days = [arrival]
        while days[-1] < DAYS and not self._chance(leaving):
            days.append(days[-1] + rng.expovariate(rate))
            before_christmas = self.start + timedelta(days=min(days[-1], DAYS))
            if before_christmas.month == 12 and self._chance(0.15):
                days.append(days[-1] + rng.uniform(2, 10))
        return days

    # what they take

    def _bag(self, customer, tastes, day, hunts):
        rng = self.random
        lead = rng.choice(TASTES[rng.choice(tastes)].split())
        if not customer.is_company and day.month in (10, 11, 12, 1) and self._chance(0.12):
            lead = "coat"
        products = [lead]
        if self._chance(0.3):
            products.append(rng.choice(TASTES[rng.choice(tastes)].split()))
        products = list(dict.fromkeys(products))
        for product in products:
            for other, share in ALONG.get(product, {}).items():
                if other not in products and len(products) < 6 and self._chance(share):
                    products.append(other)
        if day.month in (11, 12) and not customer.is_company and self._chance(0.35):
            products.append("wrap")
        on_sale = day.month in (1, 7) and self._chance(0.2)
        discount = 20 if on_sale else rng.choice((10, 15)) if hunts and self._chance(0.5) else 0
        return [
            (product, self._quantity(customer, product), 0 if product in SERVICES else discount)
            for product in products
        ]

    def _quantity(self, customer, product):
        if product in SERVICES:
            return 1
        if customer.is_company:
            return self.random.randint(2, 6)
        return 2 if product in ("oxford", "shirt", "square") and self._chance(0.2) else 1

    def _bring_back(self, customer):
        """Now and then something does not fit: it is given back, every other time for something else."""
        for bag in list(customer.bags):
            lead = bag.lines[0][0]
            day = bag.day + timedelta(days=self.random.randint(3, 18))
            if lead in SERVICES or not self._chance(0.02) or day >= self.today:
                continue
            lines = [(lead, -1, bag.lines[0][2])]
            if self._chance(0.5):
                lines.append((self.random.choice(("cardi", "shirt", "scarf")), 1, 0))
            customer.bags.append(Bag(day + timedelta(days=day.weekday() == 6), lines))
        customer.bags = sorted(
            (bag for bag in customer.bags if bag.day < self.today), key=lambda bag: bag.day
        )

    # what is said

    def _talk(self, customer):
        if not self._chance(0.4):
            return
        for _number in range(self.random.choice((1, 1, 2, 3))):
            talk = self.random.choice(TALKS)
            day = self.random.choice(customer.bags).day
            if talk[0] != "counter":
                day += timedelta(days=self.random.randint(1, 12))
            if day < self.today:
                customer.talks.append((day, *talk))
