"""How many people can walk to what. Advisory, no verdict."""
