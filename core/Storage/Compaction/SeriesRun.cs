using Tributary.Storage.Indexes;

namespace Tributary.Storage.Compaction;

/// <summary>Series in the order of their labels, one behind the other in temporary storage: written once, read front to back.</summary>
/// <remarks>Per series: its number, how many labels it shares with the one before, how many follow, their symbols; all uvarints.</remarks>
/// <param name="folder">Where the temporary file goes.</param>
/// <param name="memoryBytes">How much stays in memory.</param>
internal sealed class SeriesRun(string folder, long memoryBytes) : IDisposable
{
    private const int MostBytes = 5;

    private readonly ScratchFile scratch = new(folder, memoryBytes);
    private LabelRef[] last = [];
    private int lastLength;

    /// <summary>Series in it.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes on disk.</summary>
    public long FileBytes => scratch.FileBytes;

    /// <summary>Adds the next series.</summary>
    public void Add(int number, ReadOnlySpan<LabelRef> labels)
    {
        var shared = last.AsSpan(0, lastLength).CommonPrefixLength(labels);
        var target = scratch.Reserve((3 + (2 * labels.Length)) * MostBytes);
        var used = Put(target, (uint)number);
        used += Put(target[used..], (uint)shared);
        used += Put(target[used..], (uint)(labels.Length - shared));
        foreach (var label in labels[shared..])
        {
            used += Put(target[used..], label.Name);
            used += Put(target[used..], label.Value);
        }
        scratch.Advance(used);
        if (last.Length < labels.Length)
        {
            last = new LabelRef[labels.Length];
        }
        labels.CopyTo(last);
        lastLength = labels.Length;
        Count++;
    }

    /// <summary>Ends writing.</summary>
    public void Complete() => scratch.Complete();

    /// <summary>A reader before the first series.</summary>
    public Reader Read() => new(this);

    /// <inheritdoc/>
    public void Dispose() => scratch.Dispose();

    private static int Put(Span<byte> target, uint value)
    {
        var used = 0;
        for (; value >= 0x80; value >>= 7)
        {
            target[used++] = (byte)(value | 0x80);
        }
        target[used++] = (byte)value;
        return used;
    }

    /// <summary>Goes through the series.</summary>
    internal sealed class Reader(SeriesRun run)
    {
        private readonly ScratchReader input = new(run.scratch);
        private LabelRef[] labels = [];
        private int length;
        private int read;

        /// <summary>The number of the series.</summary>
        public int Number { get; private set; }

        /// <summary>Its labels; valid until the next move.</summary>
        public ReadOnlySpan<LabelRef> Labels => labels.AsSpan(0, length);

        /// <summary>Goes to the next series; false behind the last one.</summary>
        public bool MoveNext()
        {
            if (read == run.Count)
            {
                return false;
            }
            read++;
            Number = (int)input.ReadUvarint();
            var shared = (int)input.ReadUvarint();
            length = shared + (int)input.ReadUvarint();
            if (labels.Length < length)
            {
                Array.Resize(ref labels, length);
            }
            for (var i = shared; i < length; i++)
            {
                labels[i] = new LabelRef(input.ReadUvarint(), input.ReadUvarint());
            }
            return true;
        }
    }
}
