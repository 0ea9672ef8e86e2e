namespace Tributary.RemoteWrite;

/// <summary>The words of remote write's requests and answers.</summary>
/// <remarks>
/// See <see href="https://prometheus.io/docs/specs/prw/remote_write_spec/"/> and
/// <see href="https://prometheus.io/docs/specs/prw/remote_write_spec_2_0/"/>.
/// </remarks>
internal static class WriteProtocol
{
    /// <summary>The media type of both messages; alone it says that the message is one of 1.0.</summary>
    public const string MediaType = "application/x-protobuf";

    /// <summary>The message of 1.0, as <c>protobuf_message</c> and the parameter <c>proto</c> name it.</summary>
    public const string MessageV1 = "prometheus.WriteRequest";

    /// <summary>The message of 2.0.</summary>
    public const string MessageV2 = "io.prometheus.write.v2.Request";

    /// <summary>The content type of 2.0.</summary>
    public const string ContentTypeV2 = MediaType + ";proto=" + MessageV2;

    /// <summary>The only encoding of the content: snappy's block format.</summary>
    public const string Encoding = "snappy";

    /// <summary>The header that says which version a request follows.</summary>
    public const string VersionHeader = "X-Prometheus-Remote-Write-Version";

    /// <summary>What the header says for 1.0.</summary>
    public const string VersionV1 = "0.1.0";

    /// <summary>What the header says for 2.0.</summary>
    public const string VersionV2 = "2.0.0";

    /// <summary>The header of an answer to 2.0: how many float samples were written.</summary>
    public const string SamplesWritten = "X-Prometheus-Remote-Write-Samples-Written";

    /// <summary>The header of an answer to 2.0: how many native histograms were written.</summary>
    public const string HistogramsWritten = "X-Prometheus-Remote-Write-Histograms-Written";

    /// <summary>The header of an answer to 2.0: how many exemplars were written.</summary>
    public const string ExemplarsWritten = "X-Prometheus-Remote-Write-Exemplars-Written";
}
