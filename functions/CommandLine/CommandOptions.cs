namespace Tributary.Functions.CommandLine;

/// <summary>The options as they were typed; null where one was not given.</summary>
/// <param name="Config">The value of <c>--config</c>.</param>
/// <param name="Storage">The value of <c>--storage</c>.</param>
/// <param name="Listen">The value of <c>--listen</c>.</param>
internal sealed record CommandOptions(string? Config = null, string? Storage = null, string? Listen = null)
{
    public const string ConfigName = "--config";
    public const string StorageName = "--storage";
    public const string ListenName = "--listen";
}
