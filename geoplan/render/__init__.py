"""The showing: the only room that knows colour, HTML, Word and Excel."""
