"""What if: changes to a city tried out before anything is built.

Belongs here: scenarios, siting, programmes. Does not belong here: drawing or wording of results.
"""
