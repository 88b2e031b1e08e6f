# Writes a messy CSV file of events: `good` rows that can be imported, and among them every kind of mistake.
#   awk -v good=100000 -f make_messy.awk
# The same arguments give the same bytes: no random numbers, no clock.
BEGIN {
	if (!good) good = 100000
	split("Completes checkout|Views product|Adds to cart|Subscribes|Returns item", names, "|")
	split("yellow_shirt|green_shirt|red_hat|\"hat, \"\"large\"\"\"|  blue scarf ", items, "|")
	print "Email Address, Event Name, Time, item_type, amount"
	for (i = 1; i <= good; i++) {
		# 7,919 contacts; 86,399 seconds and 17 minutes apart, over three years
		address = sprintf("customer%05d@example.com", i * 104729 % 7919)
		day = i * 7 % 1095
		time = sprintf("%d-%02d-%02d %02d:%02d:%02d%s", 2021 + int(day / 365), int(day / 31) % 12 + 1, day % 28 + 1, \
			i % 24, i * 17 % 60, i * 13 % 60, i % 3 == 0 ? "Z" : i % 3 == 1 ? "+10" : "-03:30")
		good_row = sprintf("%s, %s, %s,%s, %d.%02d", address, names[i % 5 + 1], time, items[i % 5 + 1], i % 400, i % 100)
		print good_row
		# a mistake of one of ten kinds after every 997th row
		if (i % 997 == 0) mistake(++mistakes)
		if (i % 5003 == 0) print "" # blank lines count as nothing
	}
	# a quote that is never closed costs one line; what stands after it is read
	print "open.quote@example.com, Completes checkout, 2022-01-02 13:05+10, \"never closed, 1.00"
	print "last@example.com, Completes checkout, 2022-01-02 13:05+10, red_hat, 1.00"
}

function mistake(number, kind, who) {
	kind = number % 10
	who = sprintf("mistake%03d@example.com", number)
	if (kind == 0) print "not an email address, Completes checkout, 2022-01-02 13:05+10, red_hat, 1.00"
	if (kind == 1) print who ", , 2022-01-02 13:05+10, red_hat, 1.00"
	if (kind == 2) print who ", Completes checkout, , red_hat, 1.00"
	if (kind == 3) print who ", Completes checkout, 01/02/2022, red_hat, 1.00"
	if (kind == 4) print who ", Completes checkout, 2022-01-02 13:05+10"
	if (kind == 5) print who ", Completes checkout, 2022-01-02 13:05+10, red_hat, 1.00, one, two"
	if (kind == 6) print who ", Completes checkout, 2022-01-02 13:05+10, \"red\" hat, 1.00"
	if (kind == 7) print "n/a, Completes checkout, 2022-02-30 13:05+10, red_hat, 1.00"
	if (kind == 8) print "two@at@signs.example, , yesterday, red_hat, 1.00"
	if (kind == 9) print who ", Completes checkout, 2022-01-02 13:05+10, caf\351, 1.00"
}
