namespace Tributary.Functions.CommandLine;

/// <summary>What <c>tributary promql</c> is asked for.</summary>
/// <param name="Verb">Which verb.</param>
/// <param name="Query">The query; null or <c>-</c> for standard input.</param>
/// <param name="Json">Whether to print JSON.</param>
internal sealed record PromqlRequest(string Verb, string? Query, bool Json)
{
    public const string FormatVerb = "format";

    public const string ParseVerb = "parse";
}
