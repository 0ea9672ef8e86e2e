using Tributary.Binary;
using Tributary.PromQL.Evaluation;
using Tributary.PromQL.Values;

namespace Tributary.Api;

/// <summary>What a query took, as the member <c>stats</c>.</summary>
internal static class StatisticsJson
{
    /// <summary>Writes the object.</summary>
    /// <param name="output">The answer.</param>
    /// <param name="statistics">The figures.</param>
    /// <param name="grid">The steps that figures by step belong to.</param>
    public static void Write(ByteWriter output, QueryStatistics statistics, StepGrid grid)
    {
        output.WriteBytes("{\"timings\":{\"evalTotalTime\":"u8);
        JsonText.WriteNumber(output, statistics.EvalTotalTime);
        output.WriteBytes(",\"resultSortTime\":"u8);
        JsonText.WriteNumber(output, statistics.ResultSortTime);
        output.WriteBytes(",\"queryPreparationTime\":"u8);
        JsonText.WriteNumber(output, statistics.QueryPreparationTime);
        output.WriteBytes(",\"innerEvalTime\":"u8);
        JsonText.WriteNumber(output, statistics.InnerEvalTime);
        output.WriteBytes(",\"execQueueTime\":"u8);
        JsonText.WriteNumber(output, statistics.ExecQueueTime);
        output.WriteBytes(",\"execTotalTime\":"u8);
        JsonText.WriteNumber(output, statistics.ExecTotalTime);
        output.WriteBytes("},\"samples\":{"u8);
        if (statistics.TotalQueryableSamplesPerStep is { } bySteps)
        {
            output.WriteBytes("\"totalQueryableSamplesPerStep\":"u8);
            WriteSteps(output, bySteps, grid);
            output.WriteByte((byte)',');
        }
        output.WriteBytes("\"totalQueryableSamples\":"u8);
        JsonText.WriteNumber(output, statistics.TotalQueryableSamples);
        output.WriteBytes(",\"samplesRead\":"u8);
        JsonText.WriteNumber(output, statistics.SamplesRead);
        output.WriteBytes(",\"peakSamples\":"u8);
        JsonText.WriteNumber(output, statistics.PeakSamples);
        output.WriteBytes("}}"u8);
    }

    private static void WriteSteps(ByteWriter output, IReadOnlyList<long> samples, StepGrid grid)
    {
        output.WriteByte((byte)'[');
        for (var i = 0; i < samples.Count; i++)
        {
            output.WriteBytes(i == 0 ? "["u8 : ",["u8);
            JsonText.WriteTime(output, grid.At(i));
            output.WriteByte((byte)',');
            JsonText.WriteNumber(output, samples[i]);
            output.WriteByte((byte)']');
        }
        output.WriteByte((byte)']');
    }
}
