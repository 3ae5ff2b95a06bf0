def price(order):
    return 10 * order["count"]
