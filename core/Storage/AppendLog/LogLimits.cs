using Tributary.Stores;

namespace Tributary.Storage.AppendLog;

/// <summary>How much goes into one append and into one file; smaller than the defaults only where that is tried out.</summary>
internal sealed record LogLimits
{
    /// <summary>Bytes of one append; a longer record goes alone.</summary>
    public int AppendBytes { get; init; } = StoreLimits.AppendBytes;

    /// <summary>A file is left after so many appends.</summary>
    public int FileAppends { get; init; } = LogFormat.MaxAppends;

    /// <summary>A file is left after so many bytes.</summary>
    public long FileBytes { get; init; } = LogFormat.MaxFileBytes;
}
