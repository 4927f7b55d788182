"""The parts of the sample study: ground, people, facilities, projects, and how they are written."""
