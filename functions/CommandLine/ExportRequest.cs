namespace Tributary.Functions.CommandLine;

/// <summary>What <c>tributary export</c> is asked for.</summary>
/// <param name="Verb">Which of its verbs.</param>
/// <param name="Name">The export; empty for all.</param>
/// <param name="At">The scheduled time as typed; null for the last one.</param>
/// <param name="Force">Whether an output that is there is written again.</param>
/// <param name="IsJson">Whether the answer is to be JSON.</param>
internal sealed record ExportRequest(
    string Verb,
    string Name = "",
    string? At = null,
    bool Force = false,
    bool IsJson = false
)
{
    public const string Run = "run";
    public const string List = "ls";
    public const string Show = "show";
}
