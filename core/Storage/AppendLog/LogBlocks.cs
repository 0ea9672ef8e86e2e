using Tributary.Binary;

namespace Tributary.Storage.AppendLog;

/// <summary>Encoded records in blocks of at most one append each; a record is never cut.</summary>
/// <param name="appendBytes">The longest block, but for a single record.</param>
internal sealed class LogBlocks(int appendBytes)
{
    private readonly ByteWriter bytes = new(64 * 1024);
    private readonly List<int> starts = [0];
    private readonly List<int> partEnds = [];

    /// <summary>All bytes.</summary>
    public int Length => bytes.Length;

    /// <summary>The blocks, in order; none is empty.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Blocks
    {
        get
        {
            for (var i = 0; i < starts.Count; i++)
            {
                var end = i + 1 < starts.Count ? starts[i + 1] : bytes.Length;
                if (end > starts[i])
                {
                    yield return bytes.WrittenMemory[starts[i]..end];
                }
            }
        }
    }

    /// <summary>Says that all records of a part are there.</summary>
    public void EndPart() => partEnds.Add(bytes.Length);

    /// <summary>The bytes of a part, with those that a new file has in front of its first one.</summary>
    public int BytesOf(int part) => partEnds[part] - (part == 0 ? 0 : partEnds[part - 1]);

    /// <summary>Adds a record.</summary>
    public void Write(ReadOnlySpan<byte> record)
    {
        if (bytes.Length - starts[^1] + record.Length > appendBytes)
        {
            starts.Add(bytes.Length);
        }
        bytes.WriteBytes(record);
    }
}
