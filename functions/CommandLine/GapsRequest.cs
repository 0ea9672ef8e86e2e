namespace Tributary.Functions.CommandLine;

/// <summary>What <c>tributary gaps</c> and <c>tributary backfill</c> are asked for.</summary>
/// <param name="Source">The key of a source as typed, or the beginning of it; empty for all.</param>
/// <param name="From">The beginning of a range as typed; null to list gaps.</param>
/// <param name="To">Its end.</param>
/// <param name="IsJson">Whether the answer is to be JSON.</param>
internal sealed record GapsRequest(string Source, string? From = null, string? To = null, bool IsJson = false)
{
    public const string List = "gaps";
    public const string Fill = "backfill";
}
