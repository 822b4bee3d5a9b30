package demo

var firstNames = []string{
	"Ada", "Amara", "Anders", "Anika", "Beatriz", "Ben", "Camila", "Carlos", "Chidi", "Chloe", "Daniel", "Dara", "Diego", "Elena", "Elif", "Emil",
	"Farah", "Felix", "Freya", "Giulia", "Grace", "Hana", "Hugo", "Ines", "Isaac", "Ivy", "Jakub", "Jonas", "Joon", "Kaia", "Karim", "Lara",
	"Leo", "Lin", "Luca", "Maja", "Malik", "Marta", "Mateo", "Mei", "Milan", "Mina", "Nadia", "Nils", "Noor", "Olivia", "Omar", "Priya",
	"Rafael", "Rosa", "Samir", "Sara", "Sofia", "Tariq", "Tessa", "Theo", "Uma", "Viktor", "Yara", "Zoë",
}

var lastNames = []string{
	"Abara", "Adler", "Almeida", "Andersson", "Bakker", "Banerjee", "Becker", "Bianchi", "Brandt", "Castillo", "Chen", "Costa", "Dahl", "Demir", "Diallo", "Dubois",
	"Eriksen", "Farkas", "Fischer", "Fontaine", "Garcia", "Gruber", "Haddad", "Hansen", "Horvat", "Ibrahim", "Ito", "Jansen", "Johansson", "Kaya", "Keller", "Kim",
	"Kovács", "Lambert", "Larsen", "Lefèvre", "Lindqvist", "Lopez", "Marino", "Mbeki", "Meyer", "Moreau", "Müller", "Nakamura", "Nguyen", "Novak", "Okafor", "Olsen",
	"Park", "Patel", "Pereira", "Petrov", "Quinn", "Rao", "Ricci", "Romero", "Rossi", "Santos", "Sato", "Schmidt", "Silva", "Singh", "Sørensen", "Tanaka",
	"Torres", "Vargas", "Virtanen", "Vogel", "Weber", "Wójcik", "Yamada", "Yıldız", "Zhang", "Zimmermann",
}

var titles = []string{
	"Head of operations", "Chief financial officer", "IT manager", "Founder", "Purchasing lead", "Plant manager", "Head of sales", "Product manager",
	"Chief executive", "Head of logistics", "Office manager", "Data analyst", "Marketing director", "Head of engineering", "Quality manager", "Controller",
}

// A company's name is one of each.
var (
	companyWords = []string{
		"Northwind", "Halden", "Blue Harbor", "Cedar", "Ironbridge", "Larkspur", "Meridian", "Quarry", "Silverbirch", "Tidewater", "Alpenglow", "Brightwater",
		"Copperline", "Driftwood", "Evergreen", "Foxglove", "Granite", "Hawthorn", "Juniper", "Kestrel", "Lighthouse", "Maple", "Oakfield", "Pinecrest",
		"Redstone", "Saffron", "Thistle", "Umber", "Violet", "Windmill",
	}
	companyTrades = []struct{ name, industry string }{
		{"Logistics", "Logistics"},
		{"Foods", "Food"},
		{"Robotics", "Manufacturing"},
		{"Health", "Healthcare"},
		{"Energy", "Energy"},
		{"Textiles", "Manufacturing"},
		{"Labs", "Research"},
		{"Studios", "Media"},
		{"Finance", "Financial services"},
		{"Hotels", "Hospitality"},
		{"Software", "Software"},
		{"Building", "Construction"},
	}
	cities = []string{
		"12 Harbour Street, Bergen", "4 Rue des Arts, Lyon", "88 King Street, Manchester", "7 Lindenallee, Hamburg", "21 Via Roma, Torino", "310 Elm Avenue, Portland",
		"5 Calle Mayor, Valencia", "64 Queen Street, Auckland", "9 Prinsengracht, Utrecht", "130 Bay Road, Toronto",
	}
)
