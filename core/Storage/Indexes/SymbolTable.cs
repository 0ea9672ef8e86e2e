using System.Text;
using Tributary.Model;

namespace Tributary.Storage.Indexes;

/// <summary>The sorted, distinct texts of all labels of a block, each by its number. Compact: their bytes, and an offset each.</summary>
internal sealed class SymbolTable
{
    private readonly byte[] bytes;
    private readonly int[] ends;

    private SymbolTable(byte[] bytes, int[] ends) => (this.bytes, this.ends) = (bytes, ends);

    /// <summary>How many texts there are.</summary>
    public int Count => ends.Length;

    /// <summary>Bytes of memory that the table takes.</summary>
    public long MemoryBytes => bytes.LongLength + (ends.LongLength * sizeof(int));

    /// <summary>A text, UTF-8.</summary>
    public ReadOnlySpan<byte> this[uint number]
    {
        get
        {
            var start = number == 0 ? 0 : ends[number - 1];
            return bytes.AsSpan(start, ends[number] - start);
        }
    }

    /// <summary>The table of some texts in any order, possibly repeated.</summary>
    public static SymbolTable Of(IEnumerable<string> texts)
    {
        var sorted = texts.Distinct(StringComparer.Ordinal).Select(Encoding.UTF8.GetBytes).ToList();
        sorted.Sort((a, b) => a.AsSpan().SequenceCompareTo(b));
        var builder = new Builder();
        foreach (var text in sorted)
        {
            builder.Add(text);
        }
        return builder.Build();
    }

    /// <summary>A table of what is one already.</summary>
    /// <param name="bytes">The texts in ascending order of their bytes, one behind the other.</param>
    /// <param name="ends">Where each ends.</param>
    public static SymbolTable OfSorted(byte[] bytes, int[] ends) => new(bytes, ends);

    /// <summary>The number of a text.</summary>
    public bool TryFind(ReadOnlySpan<byte> text, out uint number)
    {
        var (low, high) = (0, ends.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = this[(uint)middle].SequenceCompareTo(text);
            if (order == 0)
            {
                number = (uint)middle;
                return true;
            }
            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }
        number = 0;
        return false;
    }

    /// <summary>The number of a text that is known to be there.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public uint Find(string text) =>
        TryFind(Encoding.UTF8.GetBytes(text), out var number)
            ? number
            : throw new ArgumentException($"'{text}' is not among the symbols", nameof(text));

    /// <summary>The labels of a series.</summary>
    public LabelSet LabelsOf(ReadOnlySpan<LabelRef> series)
    {
        var labels = new Label[series.Length];
        for (var i = 0; i < labels.Length; i++)
        {
            labels[i] = new Label(
                Encoding.UTF8.GetString(this[series[i].Name]),
                Encoding.UTF8.GetString(this[series[i].Value])
            );
        }
        return LabelSet.FromSorted(labels);
    }

    /// <summary>Takes texts in ascending order of their bytes.</summary>
    /// <param name="count">How many texts there will be about.</param>
    /// <param name="textBytes">How many bytes they will have about.</param>
    internal sealed class Builder(int count = 0, int textBytes = 0)
    {
        private readonly List<int> ends = new(count);
        private byte[] bytes = new byte[Math.Max(4096, textBytes)];
        private int length;

        /// <summary>Texts so far.</summary>
        public int Count => ends.Count;

        /// <summary>Adds the next text.</summary>
        /// <exception cref="ArgumentException">It is not greater than the last one, or too long.</exception>
        public void Add(ReadOnlySpan<byte> text)
        {
            if (text.Length > IndexFormat.MaxSymbolBytes)
            {
                throw new ArgumentException($"a symbol of {text.Length} bytes", nameof(text));
            }
            var start = ends.Count < 2 ? 0 : ends[^2];
            if (ends.Count > 0 && bytes.AsSpan(start, length - start).SequenceCompareTo(text) >= 0)
            {
                throw new ArgumentException($"symbol {ends.Count} is not in order", nameof(text));
            }
            if (bytes.Length - length < text.Length)
            {
                Array.Resize(ref bytes, checked((int)Math.Max(bytes.Length * 2L, (long)length + text.Length)));
            }
            text.CopyTo(bytes.AsSpan(length));
            length += text.Length;
            ends.Add(length);
        }

        /// <summary>The table, which takes the builder's memory over.</summary>
        public SymbolTable Build()
        {
            // A copy costs twice the memory for a moment; it is worth that only where much of it is not used.
            if (bytes.Length - length > length / 4)
            {
                Array.Resize(ref bytes, length);
            }
            return new SymbolTable(bytes, [.. ends]);
        }
    }
}
