namespace Tributary.Model;

/// <summary>What a source says of a metric family.</summary>
/// <param name="Family">The family's name as the source writes it.</param>
/// <param name="Type">The type in lower case, <c>counter</c>, <c>gauge</c>, …, or <c>unknown</c>.</param>
/// <param name="Help">The help text, unescaped; may be empty.</param>
/// <param name="Unit">The unit; may be empty.</param>
public sealed record MetricMetadata(string Family, string Type, string Help, string Unit);
