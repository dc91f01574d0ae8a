// The first test comes with its feature.
