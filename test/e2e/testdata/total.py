def total(items):
    """Return the price of all items, with tax."""
    return sum(item.price * item.count for item in items) * 1.19  # code_canary_5ca1ab1e
