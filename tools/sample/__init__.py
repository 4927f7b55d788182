"""The parts of the sample study: invented ground, people and facilities under real names."""
