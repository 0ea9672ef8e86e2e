using System.Globalization;
using Tributary.Configuration;
using Tributary.Exposition;

namespace Tributary.Api;

/// <summary>The format of an answer with metrics, as an <c>Accept</c> header asks for it.</summary>
/// <remarks>
/// As Prometheus' <c>expfmt.Negotiate</c>: the clauses by falling weight; the escaping scheme is that of the last clause
/// looked at that names one, the matching one included. A clause that fits nothing is passed over, and text 0.0.4 is
/// there for all others. Other than upstream, text 1.0.0 is offered under its own version; there it is answered as 0.0.4.
/// </remarks>
/// <param name="IsOpenMetrics">Whether it is OpenMetrics, else Prometheus' text.</param>
/// <param name="Version">The version of the format.</param>
/// <param name="Escaping">How names that are not legacy ones are written.</param>
public sealed record AnswerFormat(bool IsOpenMetrics, string Version, NameEscapingScheme Escaping)
{
    private const string Text004 = "0.0.4";
    private const string Version100 = "1.0.0";
    private const string Protobuf = "application/vnd.google.protobuf";
    private const string ProtobufMessage = "io.prometheus.client.MetricFamily";
    private const int MaxClauses = 64;

    /// <summary>Whether it is delimited protobuf instead; then the version does not count.</summary>
    public bool IsProtobuf { get; init; }

    /// <summary>The value of <c>Content-Type</c>.</summary>
    public string ContentType =>
        IsProtobuf
            ? $"{Protobuf}; proto={ProtobufMessage}; encoding=delimited; escaping={MetricNames.NameOf(Escaping)}"
            : (IsOpenMetrics ? "application/openmetrics-text" : "text/plain")
                + $"; version={Version}; charset=utf-8; escaping={MetricNames.NameOf(Escaping)}";

    /// <summary>The format of <c>/federate</c>, which is never OpenMetrics, as upstream.</summary>
    /// <param name="accept">The value of <c>Accept</c>; null when there is none.</param>
    public static AnswerFormat ForFederation(string? accept) => Negotiate(accept, isFederation: true);

    /// <summary>The format of <c>/metrics</c>.</summary>
    /// <param name="accept">The value of <c>Accept</c>; null when there is none.</param>
    public static AnswerFormat ForMetrics(string? accept) => Negotiate(accept, isFederation: false);

    private static AnswerFormat Negotiate(string? accept, bool isFederation)
    {
        var escaping = NameEscapingScheme.Underscores;
        foreach (var clause in Clauses(accept ?? ""))
        {
            escaping = SchemeOf(clause.Parameter("escaping")) ?? escaping;
            var version = clause.Parameter("version");
            switch (clause.MediaType)
            {
                case "text/plain" when version is "" or Text004:
                    return new AnswerFormat(false, Text004, escaping);
                case "text/plain" when version is Version100:
                    return new AnswerFormat(false, Version100, escaping);
                case Protobuf
                    when clause.Parameter("proto") is ProtobufMessage && clause.Parameter("encoding") is "delimited":
                    return new AnswerFormat(false, "", escaping) { IsProtobuf = true };
                case "application/openmetrics-text" when !isFederation && version is ("" or "0.0.1" or Version100):
                    return new AnswerFormat(true, version is Version100 ? version : "0.0.1", escaping);
            }
        }
        return new AnswerFormat(false, Text004, escaping);
    }

    private static NameEscapingScheme? SchemeOf(string text)
    {
        foreach (var scheme in Enum.GetValues<NameEscapingScheme>())
        {
            if (string.Equals(MetricNames.NameOf(scheme), text, StringComparison.Ordinal))
            {
                return scheme;
            }
        }
        return null;
    }

    /// <summary>The clauses by falling weight; those of equal weight stay as they are, wildcards behind the others.</summary>
    private static IEnumerable<Clause> Clauses(string accept) =>
        accept
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Take(MaxClauses)
            .Select(text => new Clause(text.Split(';', StringSplitOptions.TrimEntries)))
            .Where(clause => clause.Weight > 0)
            .OrderByDescending(clause => clause.Weight)
            .ThenBy(clause => clause.MediaType.Contains('*'));

    private readonly struct Clause(string[] parts)
    {
        public string MediaType { get; } = parts[0].ToLowerInvariant();

        public double Weight { get; } =
            Find(parts, "q") is { Length: > 0 } text
            && double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var weight)
                ? weight
                : 1;

        public string Parameter(string name) => Find(parts, name);

        private static string Find(string[] parts, string name)
        {
            foreach (var part in parts.AsSpan(1))
            {
                var equals = part.IndexOf('=', StringComparison.Ordinal);
                if (equals > 0 && part.AsSpan(0, equals).Trim().Equals(name, StringComparison.OrdinalIgnoreCase))
                {
                    return part[(equals + 1)..].Trim().Trim('"');
                }
            }
            return "";
        }
    }
}
