namespace Tributary.RemoteWrite;

/// <summary>The memory that the requests which are being received may take together. Safe for several threads.</summary>
/// <param name="limitBytes">The most, in bytes.</param>
internal sealed class WriteRoom(long limitBytes)
{
    /// <summary>The longest message with its body and columns has to fit.</summary>
    private const long LeastBytes = 96L * 1024 * 1024;
    private const long MostBytes = 512L * 1024 * 1024;

    /// <summary>Of the memory that the process may use, the part for requests.</summary>
    private const int Part = 8;

    private long takenBytes;

    /// <summary>What is taken, in bytes.</summary>
    public long TakenBytes => Interlocked.Read(ref takenBytes);

    /// <summary>The room of a process that may use so much memory in all.</summary>
    public static WriteRoom For(long availableBytes) => new(Math.Clamp(availableBytes / Part, LeastBytes, MostBytes));

    /// <summary>Takes room.</summary>
    /// <exception cref="WriteException">There is not enough: so many others are being received.</exception>
    public void Take(long bytes)
    {
        if (Interlocked.Add(ref takenBytes, bytes) > limitBytes)
        {
            Return(bytes);
            throw new WriteException(
                WriteRefusal.NoMemory,
                "too many samples are being received at this moment: send these again a little later"
            );
        }
    }

    /// <summary>Gives room back.</summary>
    public void Return(long bytes) => Interlocked.Add(ref takenBytes, -bytes);
}
