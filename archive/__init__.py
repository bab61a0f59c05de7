"""From an archive of articles to score tables."""
