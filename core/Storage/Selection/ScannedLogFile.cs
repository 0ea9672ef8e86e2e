using Tributary.Binary;
using Tributary.Storage.AppendLog;

namespace Tributary.Storage.Selection;

/// <summary>A log file as far as it was read.</summary>
/// <param name="Decoder">Reads on in it, and decodes its columns.</param>
/// <param name="Parts">Its parts, in order.</param>
/// <param name="ListedBytes">The length up to which it was read.</param>
/// <param name="Problem">What breaks the format; null when nothing does.</param>
internal sealed record ScannedLogFile(
    LogDecoder Decoder,
    LogPart[] Parts,
    long ListedBytes,
    CorruptDataException? Problem
);
