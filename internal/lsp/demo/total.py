def total(orders, rates, base="EUR"):
    spent = defaultdict(Decimal)
    for order in orders:
        rate = rates.get((order.currency, base))
        if rate is None:
            continue
        spent[order.customer] += order.amount * rate
    return sorted(spent.items(), key=lambda kv: -kv[1])
