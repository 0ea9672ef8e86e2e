using System.Globalization;
using Tributary.PromQL.Sources;

namespace Tributary.PromQL.Columns;

/// <summary>What the queries of an engine hold together, against what they may. Safe for several threads.</summary>
/// <param name="maxBytes">The most bytes.</param>
internal sealed class SharedMemory(long maxBytes)
{
    private long bytes;

    /// <summary>The bytes in use.</summary>
    public long Bytes => Interlocked.Read(ref bytes);

    /// <summary>Counts bytes that come into use.</summary>
    /// <exception cref="QueryException">They are too many, together with those of other queries.</exception>
    public void Take(long count)
    {
        if (Interlocked.Add(ref bytes, count) > maxBytes)
        {
            Release(count);
            throw QueryException.Execution(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"all queries that run now need more than {maxBytes} bytes of memory: ask again later, or for less"
                )
            );
        }
    }

    /// <summary>Counts bytes that went out of use.</summary>
    public void Release(long count) => Interlocked.Add(ref bytes, -count);
}
