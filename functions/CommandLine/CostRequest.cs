namespace Tributary.Functions.CommandLine;

/// <summary>What <c>tributary cost</c> is asked for.</summary>
/// <param name="Days">The days to look at, as typed; empty for the default.</param>
/// <param name="Interval">Another interval, as typed; empty does not ask.</param>
/// <param name="Match">Selectors of the series that would be left; none does not ask.</param>
/// <param name="IsJson">Whether the answer is to be JSON.</param>
internal sealed record CostRequest(string Days, string Interval, IReadOnlyList<string> Match, bool IsJson)
{
    public const string Verb = "cost";
}
