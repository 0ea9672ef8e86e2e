namespace Tributary.Configuration;

/// <summary>One entry of <c>tributary.exports</c>: what is written where, and when.</summary>
/// <param name="Name">The name, unique in the file.</param>
public sealed record ExportConfig(string Name);
