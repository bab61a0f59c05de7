"""From predictions to a report: metrics, intervals, slices, baselines."""
