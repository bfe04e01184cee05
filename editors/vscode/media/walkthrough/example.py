def largest_gap(numbers):
    ordered = sorted(set(numbers))
    return max((b - a for a, b in zip(ordered, ordered[1:])), default=0)
