"""The interactive map: one page that asks for nothing outside itself."""
