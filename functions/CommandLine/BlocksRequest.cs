namespace Tributary.Functions.CommandLine;

/// <summary>What <c>tributary blocks</c> is asked for.</summary>
/// <param name="Verb">One of the constants.</param>
/// <param name="Ulid">The block as typed; null when none was.</param>
/// <param name="Folder">The folder as typed; null when none was.</param>
/// <param name="IsJson">Whether the answer is to be JSON.</param>
/// <param name="IsYes">Whether it is to be done, not only shown.</param>
/// <param name="IsOne">Whether one step is enough.</param>
internal sealed record BlocksRequest(
    string Verb,
    string? Ulid = null,
    string? Folder = null,
    bool IsJson = false,
    bool IsYes = false,
    bool IsOne = false
)
{
    public const string Compact = "compact";
    public const string Import = "import";
    public const string List = "ls";
    public const string Inspect = "inspect";
    public const string Verify = "verify";
    public const string Download = "download";
    public const string Release = "release";
    public const string Rebuild = "rebuild-manifest";
    public const string Garbage = "gc";
}
