"""Cases for the client side of a gateway."""
