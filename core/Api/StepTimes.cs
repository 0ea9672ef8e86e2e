using Tributary.Binary;
using Tributary.PromQL.Values;

namespace Tributary.Api;

/// <summary>The moments of a query as text, each written once for all series.</summary>
internal sealed class StepTimes(StepGrid grid)
{
    private readonly ByteWriter texts = new();
    private int[]? ends;

    /// <summary>The moment of a step, in seconds.</summary>
    public ReadOnlySpan<byte> Text(int step)
    {
        ends ??= WriteAll();
        var start = step == 0 ? 0 : ends[step - 1];
        return texts.WrittenSpan[start..ends[step]];
    }

    private int[] WriteAll()
    {
        var result = new int[grid.Count];
        for (var i = 0; i < result.Length; i++)
        {
            JsonText.WriteTime(texts, grid.At(i));
            result[i] = texts.Length;
        }
        return result;
    }
}
