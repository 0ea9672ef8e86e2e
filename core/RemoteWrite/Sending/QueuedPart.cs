using Tributary.Storage.AppendLog;

namespace Tributary.RemoteWrite.Sending;

/// <summary>The next part of the log that a destination is to take.</summary>
/// <param name="File">The file that it is from.</param>
/// <param name="BeginPosition">Where the file is before it.</param>
/// <param name="EndBytes">Where the file is behind it.</param>
/// <param name="Samples">What is to be sent; valid until the next part is asked for.</param>
internal sealed record QueuedPart(
    LogFileName File,
    LogPosition BeginPosition,
    long EndBytes,
    IReadOnlyList<QueuedSample> Samples
);
