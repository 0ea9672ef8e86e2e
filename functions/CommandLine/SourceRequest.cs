namespace Tributary.Functions.CommandLine;

/// <summary>What <c>tributary source</c> is asked for.</summary>
/// <param name="Verb">One of the constants.</param>
/// <param name="Name">Which source, as typed; null for all.</param>
internal sealed record SourceRequest(string Verb, string? Name = null)
{
    public const string List = "ls";
    public const string Test = "test";
}
