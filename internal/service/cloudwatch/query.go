package cloudwatch

// periodOf is the least period of the statistics that queries read.
func periodOf(queries []Query) int {
	least := 0
	for _, q := range queries {
		period := q.Period
		if q.Stat != nil {
			period = q.Stat.Period
		}
		if period > 0 && (least == 0 || period < least) {
			least = period
		}
	}
	return least
}

// planQueries refuses metric math until it is built.
func planQueries(queries []Query) (any, error) {
	for _, q := range queries {
		if q.Expression != "" {
			return nil, invalid("Metric math is not built yet: %s", q.Expression)
		}
	}
	return nil, nil
}
