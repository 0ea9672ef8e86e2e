namespace Tributary.Stores;

/// <summary>What one payer has used of a store. Safe for several threads.</summary>
public sealed class StoreTally
{
    private readonly long[] millionths = new long[Enum.GetValues<OperationClass>().Length];
    private long bytesRead;
    private long bytesWritten;

    /// <summary>Operations by class.</summary>
    public OperationCounts Operations
    {
        get
        {
            var counts = default(OperationCounts);
            for (var i = 0; i < millionths.Length; i++)
            {
                counts = counts.With((OperationClass)i, Interlocked.Read(ref millionths[i]));
            }
            return counts;
        }
    }

    /// <summary>Bytes of blobs that were read.</summary>
    public long BytesRead => Interlocked.Read(ref bytesRead);

    /// <summary>Bytes that were written to blobs.</summary>
    public long BytesWritten => Interlocked.Read(ref bytesWritten);

    internal void Count(OperationClass operation, long share) => Interlocked.Add(ref millionths[(int)operation], share);

    internal void CountRead(long bytes) => Interlocked.Add(ref bytesRead, bytes);

    internal void CountWritten(long bytes) => Interlocked.Add(ref bytesWritten, bytes);
}
