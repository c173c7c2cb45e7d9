"""The vocabulary of the sample data."""

# top category: (picture, blurb, {leaf: (picture, things, price range)})
CATEGORIES = {
    "Living": ("lamp", "Light, warmth and a good place to sit.", {
        "Lamps": ("lamp", ["Table Lamp", "Floor Lamp", "Reading Lamp", "Pendant Lamp"], (29, 240)),
        "Vases": ("vase", ["Vase", "Bud Vase", "Carafe Vase", "Floor Vase"], (14, 95)),
        "Cushions & Throws": ("cushion", ["Cushion", "Throw", "Floor Cushion", "Blanket"], (19, 130)),
        "Chairs": ("chair", ["Chair", "Armchair", "Stool", "Rocking Chair"], (79, 640)),
        "Clocks": ("clock", ["Wall Clock", "Alarm Clock", "Mantel Clock"], (24, 160)),
    }),
    "Kitchen": ("mug", "For the cook, the baker and the one who does the dishes.", {
        "Mugs & Cups": ("mug", ["Mug", "Espresso Cup", "Tea Cup", "Travel Mug"], (8, 38)),
        "Pans": ("pan", ["Frying Pan", "Skillet", "Sauté Pan", "Crêpe Pan"], (29, 190)),
        "Knives & Boards": ("knife", ["Chef's Knife", "Bread Knife", "Paring Knife", "Carving Board"], (18, 170)),
        "Bowls": ("bowl", ["Bowl", "Salad Bowl", "Mixing Bowl", "Serving Bowl"], (9, 75)),
    }),
    "Outdoors": ("tent", "Made for weather, and tried in it.", {
        "Tents": ("tent", ["Tent", "Trekking Tent", "Tarp", "Beach Shelter"], (89, 690)),
        "Backpacks": ("backpack", ["Backpack", "Daypack", "Roll-top Pack", "Hip Pack"], (39, 260)),
        "Bottles": ("bottle", ["Bottle", "Thermos", "Flask", "Food Jar"], (12, 58)),
        "Navigation": ("compass", ["Compass", "Pocket Compass", "Map Compass"], (15, 110)),
    }),
    "Clothing": ("jacket", "Wool, linen and canvas that last.", {
        "Shirts": ("shirt", ["Shirt", "Tee", "Work Shirt", "Henley"], (24, 98)),
        "Jackets": ("jacket", ["Jacket", "Raincoat", "Field Jacket", "Smock"], (79, 380)),
        "Hats": ("hat", ["Beanie", "Bucket Hat", "Felt Hat", "Cap"], (16, 72)),
        "Socks": ("socks", ["Socks", "Boot Socks", "Ankle Socks"], (7, 26)),
    }),
    "Sound": ("headphones", "Quiet design, honest sound.", {
        "Headphones": ("headphones", ["Headphones", "Studio Headphones", "On-ear Headphones"], (49, 420)),
        "Speakers": ("speaker", ["Speaker", "Shelf Speaker", "Travel Speaker"], (39, 560)),
    }),
    "Paper": ("book", "Notebooks, pens and things worth writing down.", {
        "Notebooks": ("book", ["Notebook", "Sketchbook", "Journal", "Planner"], (6, 42)),
        "Pens": ("pen", ["Fountain Pen", "Ballpoint Pen", "Mechanical Pencil", "Brush Pen"], (5, 120)),
    }),
    "Garden": ("plant", "For a balcony, a yard or an acre.", {
        "Plants & Pots": ("plant", ["Planter", "Herb Pot", "Hanging Planter", "Seed Kit"], (9, 85)),
        "Baskets": ("basket", ["Basket", "Harvest Basket", "Log Basket", "Trug"], (15, 99)),
    }),
    "Play": ("blocks", "Toys that survive the second child.", {
        "Building": ("blocks", ["Building Blocks", "Stacking Tower", "Marble Run"], (14, 120)),
        "Boxes & Games": ("box", ["Game Box", "Puzzle Box", "Treasure Box"], (12, 64)),
    }),
}

BRANDS = [
    ("Aldervik", "Norway"), ("Brae & Finch", "Scotland"), ("Casa Lume", "Portugal"),
    ("Dunmore", "Ireland"), ("Eikeland", "Norway"), ("Fjellheim", "Norway"),
    ("Grove & Tide", "England"), ("Hollander", "Netherlands"), ("Isla Norte", "Spain"),
    ("Juniper Works", "England"), ("Karvonen", "Finland"), ("Lysekil", "Sweden"),
    ("Maison Perrin", "France"), ("Noordzee", "Netherlands"), ("Oststrand", "Germany"),
    ("Pellworm", "Germany"), ("Quayside", "England"), ("Rask", "Denmark"),
    ("Sable & Sons", "England"), ("Tinderhall", "Scotland"), ("Uusi", "Finland"),
    ("Vlieland", "Netherlands"), ("Westerly", "Ireland"), ("Xavière", "France"),
    ("Ystad", "Sweden"), ("Zuiderkerk", "Netherlands"), ("Bramble Lane", "England"),
    ("Corriedale", "Scotland"), ("Drift Studio", "Denmark"), ("Ember & Ash", "Wales"),
    ("Folkvang", "Iceland"), ("Granite Bay", "Scotland"), ("Havbris", "Denmark"),
    ("Kestrel", "Wales"), ("Lund & Berg", "Sweden"), ("Marisma", "Spain"),
    ("Northlight", "Iceland"), ("Olive & Oar", "Portugal"), ("Petit Phare", "France"),
    ("Skerry", "Ireland"),
]

TAGS = [
    "Handmade", "Organic", "Recycled", "Gift", "Limited", "Bestseller", "New", "Travel",
    "Classic", "For children", "Winter", "Summer", "Waterproof", "Small batch", "Repairable",
]

LINES = [
    "Skagen", "Moss", "Harbour", "Dune", "Alder", "Tarn", "Fen", "Lark", "Ember", "Willow",
    "Heron", "Salt", "Birch", "Cove", "Drift", "Anchor", "Fable", "Gale", "Hazel", "Inlet",
    "Jetty", "Kelp", "Loch", "Marram", "Nook", "Otter", "Pebble", "Quill", "Reed", "Sorrel",
    "Thistle", "Umber", "Vale", "Wren", "Yarrow", "Beacon", "Clover", "Estuary", "Fern", "Isle",
]

# what the things of a top category are made of
MATERIALS = {
    "Living": ["Oak", "Linen", "Stoneware", "Brass", "Wool", "Ash", "Walnut", "Copper", "Rattan"],
    "Kitchen": ["Enamel", "Oak", "Copper", "Steel", "Stoneware", "Walnut", "Cast-iron", "Olive-wood"],
    "Outdoors": ["Canvas", "Steel", "Ripstop", "Waxed", "Trail", "Alpine", "Brass"],
    "Clothing": ["Wool", "Linen", "Cotton", "Canvas", "Felted", "Merino", "Corduroy", "Denim"],
    "Sound": ["Walnut", "Graphite", "Ash", "Steel", "Leather", "Wool-felt"],
    "Paper": ["Linen", "Leather", "Brass", "Cork", "Cotton", "Kraft"],
    "Garden": ["Terracotta", "Willow", "Zinc", "Bamboo", "Rattan", "Stoneware", "Cork"],
    "Play": ["Beech", "Oak", "Maple", "Cork", "Felt", "Rainbow"],
}

SENTENCES = [
    "Made in a small workshop and finished by hand.",
    "Sturdy enough for every day, good-looking enough for the best one.",
    "The material comes from suppliers we have known for years.",
    "Every piece differs a little, as things made by people do.",
    "It packs flat, weighs little and asks for hardly any care.",
    "Repairs are free for as long as you own it.",
    "The colour deepens with use.",
    "Designed after a piece found in an old boathouse.",
    "Comes in a plain box without plastic.",
    "Tested for a year by the people who made it.",
    "A quiet shape that goes with what you already have.",
    "Sized to fit a small home.",
]

FIRST_NAMES = [
    "Anna", "Bram", "Clara", "Daan", "Elena", "Finn", "Greta", "Hugo", "Iris", "Jonas", "Katya",
    "Lars", "Maud", "Niels", "Olga", "Pim", "Quinn", "Rosa", "Sven", "Thea", "Uma", "Viktor",
    "Wout", "Xenia", "Yara", "Zoë", "Aoife", "Bilal", "Chiara", "Deniz", "Emre", "Fatima",
    "Goran", "Hanna", "Ines", "Jamal", "Kofi", "Leila", "Mateo", "Noor",
]

LAST_NAMES = [
    "de Vries", "Jansen", "Bakker", "Visser", "Smit", "Meijer", "Mulder", "Bos", "Vos", "Peters",
    "Hendriks", "Dekker", "Brouwer", "de Wit", "Dijkstra", "Smith", "Murphy", "Kelly", "Byrne",
    "Larsen", "Hansen", "Nilsson", "Berg", "Lindqvist", "Korhonen", "Virtanen", "Müller",
    "Schmidt", "Weber", "Fischer", "Rossi", "Bianchi", "García", "López", "Silva", "Costa",
    "Martin", "Bernard", "Dubois", "Moreau",
]

STREETS = [
    "Harbour Street", "Mill Lane", "Kerkstraat", "Dorpsweg", "Station Road", "Molenweg",
    "Church Lane", "Lindenlaan", "Market Square", "Quay", "Schoolstraat", "Park Avenue",
]

CITIES = [
    ("Amsterdam", "Netherlands"), ("Utrecht", "Netherlands"), ("Groningen", "Netherlands"),
    ("Ghent", "Belgium"), ("Bruges", "Belgium"), ("Hamburg", "Germany"), ("Bremen", "Germany"),
    ("Lille", "France"), ("Nantes", "France"), ("Aarhus", "Denmark"), ("Malmö", "Sweden"),
    ("Galway", "Ireland"), ("Cork", "Ireland"), ("Porto Santo", "Spain"),
]

REVIEWS = {
    5: (["Better than I hoped", "Perfect", "A small joy every day", "Would buy again", "Beautiful"],
        ["It arrived quickly and looks even better than in the picture.",
         "Everyone who visits asks where it comes from.",
         "The quality is far above what I paid for it.",
         "I bought a second one for my sister within a week."]),
    4: (["Very good", "Nearly perfect", "Happy with it", "Good quality", "Lovely"],
        ["Well made; the colour is a shade darker than I expected.",
         "Good value, and the packing was without plastic.",
         "Does what it should. One star less for the wait.",
         "Solid and pleasant to use."]),
    3: (["Decent", "It is all right", "Good, but", "Fine for the price"],
        ["Smaller than I thought, so do read the measurements.",
         "Nice to look at, a little awkward to clean.",
         "Not bad, but I had hoped for more at this price."]),
    2: (["Not for me", "Disappointed", "Expected more"],
        ["The finish was rough on one side.",
         "It came late and with a dent; the shop was helpful about it."]),
    1: (["Broke in a month", "Sent it back", "No"],
        ["It did not survive the first month.",
         "Nothing like the picture, I am afraid."]),
}
