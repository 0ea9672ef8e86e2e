using Tributary.Model;

namespace Tributary.Templates;

/// <summary>One element of what a query in a template gives.</summary>
/// <param name="Labels">The series, the metric name included.</param>
/// <param name="Value">The float; of no account where there is a histogram.</param>
/// <param name="Histogram">The histogram, if it is one.</param>
public sealed record TemplateSample(LabelSet Labels, double Value, Histogram? Histogram = null);
