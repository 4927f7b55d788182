"""Who can walk where: metres along streets."""
