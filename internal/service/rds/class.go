package rds

import (
	"strings"
)

const gib = 1 << 30

// classMemory returns the memory of an instance class, such as "db.t3.micro", in
// bytes. Sizes double from large on; families with the letter r have twice the
// memory of those with m for a size, those with x four times.
func classMemory(class string) (int64, bool) {
	if class == "db.serverless" {
		return 2 * gib, true // one capacity unit
	}
	parts := strings.Split(class, ".")
	if len(parts) != 3 || parts[0] != "db" || parts[1] == "" {
		return 0, false
	}
	family, size := parts[1], parts[2]
	small := map[string]int64{"micro": 1 * gib, "small": 2 * gib, "medium": 4 * gib}
	if memory, ok := small[size]; ok {
		return memory, family[0] == 't'
	}
	multiple, ok := sizeMultiples[size]
	if !ok {
		return 0, false
	}
	perLarge, ok := map[byte]int64{'t': 8 * gib, 'm': 8 * gib, 'r': 16 * gib, 'x': 32 * gib}[family[0]]
	return perLarge * multiple, ok && (family[0] != 't' || multiple <= 4)
}

var sizeMultiples = map[string]int64{
	"large": 1, "xlarge": 2, "2xlarge": 4, "4xlarge": 8, "8xlarge": 16,
	"12xlarge": 24, "16xlarge": 32, "24xlarge": 48,
}

// orderableClasses are those that DescribeOrderableDBInstanceOptions lists.
var orderableClasses = []string{
	"db.t3.micro", "db.t3.small", "db.t3.medium", "db.t3.large", "db.t3.xlarge", "db.t3.2xlarge",
	"db.t4g.micro", "db.t4g.small", "db.t4g.medium", "db.t4g.large", "db.t4g.xlarge", "db.t4g.2xlarge",
	"db.m5.large", "db.m5.xlarge", "db.m6g.large", "db.m6g.xlarge", "db.m6i.large", "db.m6i.xlarge", "db.m7g.large", "db.m7g.xlarge",
	"db.r5.large", "db.r5.xlarge", "db.r6g.large", "db.r6g.xlarge", "db.r6i.large", "db.r6i.xlarge", "db.r7g.large", "db.r7g.xlarge",
}
