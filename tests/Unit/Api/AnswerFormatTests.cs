using Tributary.Api;

namespace Tributary.Tests.Unit.Api;

public sealed class AnswerFormatTests
{
    private const string Prometheus3 =
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
        + "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
        + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2";

    private const string Prometheus2 =
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
        + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

    [Theory]
    [InlineData(null, "text/plain; version=0.0.4; charset=utf-8; escaping=underscores")]
    [InlineData("", "text/plain; version=0.0.4; charset=utf-8; escaping=underscores")]
    [InlineData("image/png", "text/plain; version=0.0.4; charset=utf-8; escaping=underscores")]
    [InlineData("*/*", "text/plain; version=0.0.4; charset=utf-8; escaping=underscores")]
    [InlineData(",;,;q", "text/plain; version=0.0.4; charset=utf-8; escaping=underscores")]
    [InlineData(Prometheus2, "text/plain; version=0.0.4; charset=utf-8; escaping=underscores")]
    [InlineData(Prometheus3, "text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8")]
    [InlineData("text/plain", "text/plain; version=0.0.4; charset=utf-8; escaping=underscores")]
    [InlineData("TEXT/PLAIN; Version=\"1.0.0\"", "text/plain; version=1.0.0; charset=utf-8; escaping=underscores")]
    [InlineData("text/plain;version=2.0.0", "text/plain; version=0.0.4; charset=utf-8; escaping=underscores")]
    [InlineData(
        "text/plain;version=1.0.0;q=0,text/plain;version=0.0.4;q=0.1",
        "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"
    )]
    [InlineData("text/plain;version=0.0.4;escaping=dots", "text/plain; version=0.0.4; charset=utf-8; escaping=dots")]
    [InlineData(
        "text/plain;version=0.0.4;escaping=values",
        "text/plain; version=0.0.4; charset=utf-8; escaping=values"
    )]
    [InlineData(
        "text/plain;version=0.0.4;escaping=nonsense",
        "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"
    )]
    [InlineData(
        "image/png;escaping=allow-utf-8,text/plain;q=0.5",
        "text/plain; version=0.0.4; charset=utf-8; escaping=allow-utf-8"
    )]
    [InlineData(
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,"
            + Prometheus3,
        "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=underscores"
    )]
    [InlineData(
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text,text/plain;q=0.1",
        "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"
    )]
    [InlineData(
        "application/vnd.google.protobuf;encoding=delimited,text/plain;q=0.1",
        "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"
    )]
    public void ForFederation_Accept_IsAnsweredAsUpstream(string? accept, string contentType) =>
        Assert.Equal(contentType, AnswerFormat.ForFederation(accept).ContentType);

    [Theory]
    [InlineData(null, "text/plain; version=0.0.4; charset=utf-8; escaping=underscores")]
    [InlineData(Prometheus2, "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores")]
    [InlineData(Prometheus3, "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8")]
    [InlineData(
        "application/openmetrics-text",
        "application/openmetrics-text; version=0.0.1; charset=utf-8; escaping=underscores"
    )]
    [InlineData(
        "application/openmetrics-text;version=3",
        "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"
    )]
    [InlineData(
        "text/plain,application/openmetrics-text;q=0.9",
        "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"
    )]
    [InlineData(
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,text/plain;q=0.1",
        "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=underscores"
    )]
    public void ForMetrics_Accept_MayBeOpenMetricsOrProtobuf(string? accept, string contentType) =>
        Assert.Equal(contentType, AnswerFormat.ForMetrics(accept).ContentType);
}
