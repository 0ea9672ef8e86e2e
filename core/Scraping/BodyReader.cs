using Tributary.Exposition;

namespace Tributary.Scraping;

/// <summary>Reads one body into a collector as it arrives.</summary>
/// <param name="collector">Gets the samples.</param>
/// <param name="buffer">The window over the body.</param>
/// <param name="limits">What the body may hold.</param>
/// <param name="bodySizeLimit">The job's limit in bytes; 0 is none.</param>
/// <param name="format">The format, or why there is none: only a body that is not empty needs one.</param>
/// <param name="histograms">What becomes of histograms.</param>
internal sealed class BodyReader(
    BodyCollector collector,
    BodyBuffer buffer,
    ScrapeLimits limits,
    long bodySizeLimit,
    (ExpositionFormat Format, string Problem) format,
    HistogramOptions histograms
)
{
    private readonly ProtobufState protobuf = new(histograms);
    private readonly ClassicGroup? classic = histograms.ConvertsClassic ? new(histograms.KeepsClassic) : null;
    private int line = format.Format is ExpositionFormat.Protobuf ? 0 : 1;
    private bool hasEnded;

    /// <summary>Reads the body to its end.</summary>
    /// <param name="body">The body, decompressed.</param>
    /// <param name="needsLastNewline">Whether a last line of text that has no newline is cut for certain.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ExpositionException">A line is not in the format, a limit is passed, or OpenMetrics' end is missing.</exception>
    /// <exception cref="ScrapeException">The body is too large, or of an unknown format.</exception>
    public async ValueTask<BodyEnd> ReadAsync(Stream body, bool needsLastNewline, CancellationToken cancellationToken)
    {
        collector.Expect(format.Format);
        while (await buffer.FillAsync(body, line, cancellationToken))
        {
            CheckBody();
            ReadMore(isLast: false);
        }
        CheckBody();
        if (format.Format is ExpositionFormat.Protobuf)
        {
            return protobuf.IsInFamily || !buffer.Unread.IsEmpty ? BodyEnd.InMessage : BodyEnd.AtLine;
        }
        var isOpenMetrics = format.Format is ExpositionFormat.OpenMetrics;
        // OpenMetrics allows only its end marker to lack the newline: as in Prometheus a sample there does not count.
        var isRead = isOpenMetrics ? hasEnded || buffer.Unread.StartsWith("#"u8) : !needsLastNewline;
        var isCut = !buffer.Unread.IsEmpty && ReadLast(isRead);
        if (!isCut && !isOpenMetrics && classic is { IsWhole: true })
        {
            // Nothing but the end of the body tells that its last histogram is whole.
            var end = new ClassicReader<TextFormatReader>(new([], buffer.Offset, line, false), classic, isEnd: true);
            collector.Read(ref end);
        }
        if (!isOpenMetrics || buffer.TotalBytes == 0)
        {
            return isCut ? BodyEnd.InLine : BodyEnd.AtLine;
        }
        return hasEnded
            ? BodyEnd.AtMarker
            : throw new ExpositionException(
                $"the body ends{(isCut ? " inside a line," : "")} without # EOF: it was cut off, or the source does not end its OpenMetrics as it has to",
                line,
                buffer.Offset,
                buffer.Unread.TrimEnd((byte)'\n')
            );
    }

    private void CheckBody()
    {
        if (format.Problem.Length > 0 && buffer.TotalBytes > 0)
        {
            throw new ScrapeException(format.Problem);
        }
        // As in Prometheus a body of exactly so many bytes is too large already.
        if (bodySizeLimit > 0 && buffer.TotalBytes >= bodySizeLimit)
        {
            throw new ScrapeException(
                $"body_size_limit exceeded: the body has {bodySizeLimit} bytes or more, decompressed"
            )
            {
                IsBodySize = true,
            };
        }
        if (buffer.TotalBytes > limits.MaxBodyBytes)
        {
            throw new ScrapeException($"the body is larger than the limit of {limits.MaxBodyBytes} bytes")
            {
                IsBodySize = true,
            };
        }
    }

    /// <summary>Reads a last line that has no newline.</summary>
    /// <returns>Whether it is cut.</returns>
    private bool ReadLast(bool isRead)
    {
        if (!isRead)
        {
            return true;
        }
        buffer.AddNewline();
        try
        {
            ReadMore(isLast: true);
            return false;
        }
        catch (ExpositionException problem) when (problem.IsAtEnd)
        {
            return true;
        }
    }

    private void ReadMore(bool isLast)
    {
        var unread = buffer.Unread;
        if (hasEnded && format.Format is ExpositionFormat.Text)
        {
            buffer.Consume(unread.Length);
            return;
        }
        if (hasEnded && !unread.IsEmpty)
        {
            throw new ExpositionException(OpenMetricsReader.AfterEnd, line, buffer.Offset, unread);
        }
        if (format.Format is ExpositionFormat.Protobuf)
        {
            var reader = new ProtobufReader(protobuf, unread, buffer.Offset);
            Read(ref reader);
        }
        else if (format.Format is ExpositionFormat.OpenMetrics)
        {
            ReadText(new OpenMetricsReader(unread, buffer.Offset, line, isLast));
        }
        else
        {
            ReadText(new TextFormatReader(unread, buffer.Offset, line, isLast));
        }
    }

    private void ReadText<TReader>(TReader reader)
        where TReader : struct, IExpositionReader, allows ref struct
    {
        if (classic is null)
        {
            Read(ref reader);
            return;
        }
        var converting = new ClassicReader<TReader>(reader, classic, isEnd: false);
        Read(ref converting);
    }

    private void Read<TReader>(ref TReader reader)
        where TReader : struct, IExpositionReader, allows ref struct
    {
        collector.Read(ref reader);
        buffer.Consume(reader.Consumed);
        line = reader.Line;
        hasEnded = reader.HasEnded;
    }
}
