using Tributary.Model;
using Tributary.Templates;

namespace Tributary.Tests.Unit.Templates;

public sealed class TemplateTests
{
    private static readonly TemplateContext Context = new()
    {
        Labels = LabelSet.Of("__name__", "temperature", "room", "lab", "instance", "web.example.org:9100"),
        ExternalLabels = LabelSet.Of("monitor", "golden"),
        ExternalUrl = "http://prom.example.org/base",
        Value = -32.5,
        TimeMs = 1_643_114_203_500,
        Query = (query, _) =>
            query switch
            {
                "none" => new([]),
                "two" => new([
                    new TemplateSample(LabelSet.Of("id", "b", "__value__", "text"), 2),
                    new TemplateSample(LabelSet.Of("id", "a"), 1234567),
                ]),
                _ => throw new InvalidOperationException($"cannot be asked: {query}"),
            },
    };

    public static TheoryData<string, string> Language =>
        new()
        {
            { "plain text", "plain text" },
            {
                "Room {{ $labels.room }} at {{ $value }} in {{ $externalLabels.monitor }}",
                "Room lab at -32.5 in golden"
            },
            {
                "{{.Labels.room}} {{.Value}} {{.ExternalLabels.monitor}} {{.ExternalURL}} {{$externalURL}}",
                "lab -32.5 golden http://prom.example.org/base http://prom.example.org/base"
            },
            { "{{ $labels.missing }}|", "|" },
            { "a {{- 1 -}} b", "a1b" },
            { "a {{/* nothing */}} b{{- /* trimmed */ -}} c", "a  bc" },
            { "{{ if gt $value 0.0 }}up{{ else if lt $value -50.0 }}low{{ else }}mid{{ end }}", "mid" },
            { "{{ if and $labels.room (not $labels.missing) }}yes{{ end }}", "yes" },
            { "{{ or $labels.missing \"default\" }}", "default" },
            { "{{ with $labels.room }}{{ . }}{{ else }}none{{ end }}", "lab" },
            { "{{ with $labels.missing }}{{ . }}{{ else with $labels.room }}else {{ . }}{{ end }}", "else lab" },
            { "{{ range $k, $v := $externalLabels }}{{ $k }}={{ $v }};{{ end }}", "monitor=golden;" },
            {
                "{{ range 4 }}{{ if eq . 1 }}{{ continue }}{{ end }}{{ if eq . 3 }}{{ break }}{{ end }}{{ . }}{{ end }}",
                "02"
            },
            { "{{ range query \"none\" }}x{{ else }}empty{{ end }}", "empty" },
            { "{{ $x := 1 }}{{ range 2 }}{{ $x = 5 }}{{ end }}{{ $x }}", "5" },
            { "{{ $x := 1 }}{{ if true }}{{ $x := 2 }}{{ $x }}{{ end }}{{ $x }}", "21" },
            {
                "{{ range $i, $s := query \"two\" }}{{ $i }}{{ $s.Labels.id }}{{ $s.Value }} {{ end }}",
                "0b2 1a1.234567e+06 "
            },
            {
                "{{ define \"t\" }}[{{ . }}]{{ end }}{{ template \"t\" $labels.room }}{{ template \"t\" }}",
                "[lab][<no value>]"
            },
            { "{{ block \"b\" 7 }}<{{ . }}>{{ end }}", "<7>" },
            {
                "{{ define \"x\" }}{{ .arg0 }}-{{ .arg1 }}-{{ .arg2 }}{{ end }}{{ template \"x\" (args \"foo\" 99) }}",
                "foo-99-<no value>"
            },
            { "{{ $labels }}", "map[__name__:temperature instance:web.example.org:9100 room:lab]" },
            {
                "{{ print nil }} {{ print 1 2 \"a\" 3.5 'x' true }} {{ println 1 \"b\" }}",
                "<nil> 1 2a3.5 120 true 1 b\n"
            },
            {
                "{{ 1000000 }} {{ 1e6 }} {{ 123456.0 }} {{ 0x1F }} {{ 1_000 }} {{ 0.00001 }}",
                "1000000 1e+06 123456 31 1000 1e-05"
            },
            {
                "{{ len \"é\" }} {{ len $labels }} {{ index $labels \"room\" }} {{ index \"abc\" 1 }} {{ slice \"abcdef\" 1 3 }}",
                "2 3 lab 98 bc"
            },
            { "{{ (index (query \"two\") 1).Value }}", "1.234567e+06" },
            {
                "{{ html \"<a b='c'>&\\\"\" }} {{ js \"it's <b>\" }} {{ urlquery \"a b&c/d\" }}",
                "&lt;a b=&#39;c&#39;&gt;&amp;&#34; it\\'s \\u003Cb\\u003E a+b%26c%2Fd"
            },
            {
                "{{ eq 1 2 1 }} {{ ne \"a\" \"b\" }} {{ lt 1 2 }} {{ le 2 2 }} {{ gt 1 2 }} {{ ge \"b\" \"a\" }}",
                "true true true true false true"
            },
            {
                "{{ printf \"%5.1f|%-5s|%05d|%x|%q|%v|%t|%+d|%%|%e|%g|%c|%U\" 3.14159 \"ab\" 42 \"hi\" \"q\\\"\" 1.5 true 7 1234.5 0.00001 'x' 'y' }}",
                "  3.1|ab   |00042|6869|\"q\\\"\"|1.5|true|+7|%|1.234500e+03|1e-05|x|U+0079"
            },
            {
                "{{ printf \"%d\" 1.5 }} {{ printf \"%d\" }} {{ printf \"%s\" \"a\" \"b\" }} {{ printf \"%[2]s %[1]s\" \"a\" \"b\" }}",
                "%!d(float64=1.5) %!d(MISSING) a%!(EXTRA string=b) b a"
            },
            {
                "{{ printf \"%.0f %.2f %.0f\" 2.5 1.005 3.5 }} {{ printf \"%T %T\" 1 $labels }}",
                "2 1.00 4 int map[string]string"
            },
            { "{{ `raw\\n` }}{{ \"line\\n\" }}", "raw\\nline\n" },
            // What Debian's Prometheus makes of verbs, flags and values that do not go together.
            { "{{ printf \"%+v|%+v|%+d|% d\" 1 1.5 1.5 7 }}", "1|1.5|%!d(float64=+1.5)| 7" },
            {
                "{{ printf \"%5d|%-5d|%05d|%5d\" 1.5 true \"ab\" 7 }}",
                "%!d(float64=  1.5)|%!d(bool=true )|%!d(string=000ab)|    7"
            },
            { "{{ printf \"%.2f|%8.3f|%.0f\" 1 \"abc\" 0 }}", "%!f(int=01)|%!f(string=     abc)|%!f(int=)" },
            { "{{ printf \"%s|%10s|%+s\" true 1.5 1 }}", "%!s(bool=true)|%!s(float64=       1.5)|%!s(int=+1)" },
            {
                "{{ printf \"%x|%X|%.3x|%#x|%b\" 1.5 -2.5 1e20 1.5 1.5 }}",
                "0x1.8p+00|-0X1.4P+01|0x1.5afp+66|0x1.8000p+00|6755399441055744p-52"
            },
            {
                "{{ printf \"% x|%#x|%# X|%#g|%#.3g\" \"abc\" \"ab\" \"ab\" 1.5 1.5 }}",
                "61 62 63|0x6162|0X61 0X62|1.50000|1.50"
            },
            { "{{ printf \"%+q|%#U|%#U\" \"\u00e9\" 65 7 }}", "\"\\u00e9\"|U+0041 'A'|U+0007" },
            {
                "{{ printf \"%d|%q\" $externalLabels $externalLabels }}",
                "map[%!d(string=monitor):%!d(string=golden)]|map[\"monitor\":\"golden\"]"
            },
            {
                "{{ printf \"%#v %+v\" $externalLabels (query \"two\" | first) }}",
                "map[string]string{\"monitor\":\"golden\"} &{Labels:map[__value__:text id:b] Value:2}"
            },
            { "{{ printf \"%*d|%.*f\" 1.5 }}", "%!(BADWIDTH)%!d(MISSING)|%!(BADPREC)%!f(MISSING)" },
            { "{{ printf \"%.\" 1 }}", "%!.(int=1)" },
            {
                "{{ print (query \"two\" | first) }} {{ query \"two\" | first }}",
                "&{map[__value__:text id:b] 2} {map[__value__:text id:b] 2}"
            },
            { "{{ 0x1p4 }} {{ 0x1.8p-1 }} {{ humanize \"1_000\" }} {{ humanize \"0x1p-2\" }}", "16 0.75 1k 250m" },
            { "{{ html nil }} {{ js \"\\x7f\" }}", "&lt;no value&gt; \u007f" },
            { "{{ (printf \"%s\" \"x\") | printf \"%s%s\" \"y\" }}", "yx" },
            { "{{ $.Value }} {{ with 1 }}{{ $.Labels.room }}{{ end }}", "-32.5 lab" },
        };

    public static TheoryData<string, string> Functions =>
        new()
        {
            {
                "{{ humanize 1234567 }} {{ humanize1024 1048576 }} {{ humanizeDuration 3661.5 }} {{ humanizePercentage 0.1234 }}",
                "1.235M 1Mi 1h 1m 1s 12.34%"
            },
            {
                "{{ humanize 0 }} {{ humanize 0.00123 }} {{ humanize -1e30 }} {{ humanize \"+Inf\" }} {{ humanize 999.95 }} {{ humanize 1e3 }}",
                "0 1.23m -1e+06Y +Inf 1000 1k"
            },
            { "{{ humanize 1048576 }} {{ humanize1024 0.5 }} {{ humanize1024 1e30 }}", "1.049M 0.5 8.272e+05Yi" },
            {
                "{{ humanizeDuration 135.3563 }} {{ humanizeDuration 0.0015 }} {{ humanizeDuration -90061 }} {{ humanizeDuration 0 }} {{ humanizeDuration 12.3456 }} {{ humanizeDuration \"NaN\" }}",
                "2m 15s 1.5ms -1d 1h 1m 1s 0s 12.35s NaN"
            },
            {
                "{{ humanizePercentage 0.959 }} {{ humanizeTimestamp 1643114203 }} {{ humanizeTimestamp \"1643114203.1234\" }}",
                "95.9% 2022-01-25 12:36:43 +0000 UTC 2022-01-25 12:36:43.123 +0000 UTC"
            },
            {
                "{{ now }} {{ (toTime now).Format \"2006-01-02T15:04:05.000Z07:00\" }} {{ (toTime 0).Year }} {{ (toTime 0).Weekday }}",
                "1.6431142035e+09 2022-01-25T12:36:43.500Z 1970 Thursday"
            },
            {
                "{{ toDuration 3661.5 }} {{ (toDuration 5400).Hours }} {{ toDuration 0.0015 }} {{ (toTime 90000).Add 1000000000 }} {{ ((toTime 90).Sub (toTime 30)).Seconds }}",
                "1h1m1.5s 1.5 1.5ms 1970-01-02 01:00:01 +0000 UTC 60"
            },
            { "{{ ((toTime 1706659200).AddDate 0 1 0).Format \"Jan _2 06 3:04PM Mon\" }}", "Mar  2 24 12:00AM Sat" },
            {
                "{{ title \"hello wORLD it's foo_bar 1st a-b\" }} {{ toUpper \"é\" }} {{ toLower \"THE\" }}",
                "Hello WORLD It's Foo_bar 1St A-B É the"
            },
            {
                "{{ stripPort \"[::1]:6006\" }} {{ stripPort \"127.0.0.1:4004\" }} {{ stripPort \"host\" }} {{ stripPort \"a:b:c\" }}",
                "::1 127.0.0.1 host a:b:c"
            },
            {
                "{{ $labels.instance | stripDomain }} {{ stripDomain \"10.0.0.1:80\" }} {{ stripDomain \"[::1]:80\" }} {{ stripDomain \"a.b.c\" }}",
                "web:9100 10.0.0.1:80 [::1]:80 a"
            },
            {
                "{{ match \"[0-9]+\" \"1234\" }} {{ match \"[0-9]+$\" \"1234a\" }} {{ match \"^b\" \"a\\nb\" }} {{ match \"a.b\" \"a\\nb\" }}",
                "true false false false"
            },
            {
                "{{ reReplaceAll \"r.*d\" \"replaced\" \"rpld text\" }} {{ reReplaceAll \"a+\" \"b\" \"caat\" }} {{ reReplaceAll \"a*\" \"b\" \"caat\" }}",
                "replaced text cbt bcbtb"
            },
            {
                "{{ reReplaceAll \"(\\\\w)(?P<n>\\\\w)\" \"${n}$1-\" \"abcde\" }} {{ reReplaceAll \"^|$\" \"|\" \"é\" }} {{ reReplaceAll \"\\\\bx\" \"y\" \"xx x\" }}",
                "ba-dc-e |é| yx y"
            },
            { "{{ parseDuration \"2h10m15s\" }} {{ parseDuration \"-1m\" }} {{ parseDuration \"0\" }}", "7815 -60 0" },
            {
                "{{ urlQueryEscape \"a b\" }} {{ graphLink \"up == 1\" }} {{ tableLink \"up\" }}",
                "a+b /graph?g0.expr=up+%3D%3D+1&g0.tab=0 /graph?g0.expr=up&g0.tab=1"
            },
            { "{{ externalURL }} {{ pathPrefix }} {{ safeHtml \"<b>\" }}", "http://prom.example.org/base /base <b>" },
            {
                "{{ query \"two\" | first | label \"id\" }} {{ query \"two\" | first | value }} {{ query \"two\" | first | strvalue }}",
                "b 2 text"
            },
            {
                "{{ with query \"two\" }}{{ . | sortByLabel \"id\" | first | label \"id\" }}:{{ range sortByLabel \"id\" . }}{{ label \"id\" . }}={{ value . | humanize }},{{ end }}{{ end }}",
                "a:a=1.235M,b=2,"
            },
        };

    public static TheoryData<string, string> Refused =>
        new()
        {
            { "{{ foo }}", "template: __alert_A:1: function \"foo\" not defined" },
            { "{{ tmpl \"x\" }}", "template: __alert_A:1: function \"tmpl\" not defined" },
            { "{{ $x }}", "template: __alert_A:1: undefined variable \"$x\"" },
            { "a\n{{ if }}{{ end }}", "template: __alert_A:2: missing value for if" },
            { "{{ if true }}", "template: __alert_A:1: unexpected EOF" },
            { "{{ end }}", "template: __alert_A:1: unexpected {{end}}" },
            { "{{", "template: __alert_A:1: unclosed action" },
            { "{{ \"a }}", "template: __alert_A:1: unterminated quoted string" },
            { "{{ (1 }}", "template: __alert_A:1: unclosed left paren" },
            { "{{ 1) }}", "template: __alert_A:1: unexpected right paren" },
            { "{{ 1 | 2 }}", "template: __alert_A:1: non executable command in pipeline stage 2" },
            { "{{ break }}", "template: __alert_A:1: {{break}} outside {{range}}" },
            { "{{ \"a\".b }}", "template: __alert_A:1: unexpected . after term \"\\\"a\\\"\"" },
            { "{{ $labels.room! }}", "template: __alert_A:1: bad character U+0021 '!'" },
            { "{{ /* x }}", "template: __alert_A:1: unexpected \"/\" in command" },
            { "{{/* x }}", "template: __alert_A:1: unclosed comment" },
            { "{{ template foo }}", "template: __alert_A:1: unexpected \"foo\" in template clause" },
            { "{{ range $a, $b, $c := 1 }}{{ end }}", "template: __alert_A:1: too many declarations in range" },
            {
                "{{ define \"a\" }}1{{ end }}{{ define \"a\" }}2{{ end }}",
                "template: __alert_A:1: template: multiple definition of template \"a\""
            },
            { "{{ 1x }}", "template: __alert_A:1: bad number syntax: \"1x\"" },
            { "{{ if 1 }}\n{{ else }}{{ else }}{{ end }}", "template: __alert_A:2: expected end; found {{else}}" },
        };

    public static TheoryData<string, string> Failing =>
        new()
        {
            {
                "{{ humanize \"abc\" }}",
                "1:115: executing \"__alert_A\" at <humanize \"abc\">: error calling humanize: strconv.ParseFloat: parsing \"abc\": invalid syntax"
            },
            {
                "line\n é{{ $value.foo }}",
                "2:12: executing \"__alert_A\" at <$value.foo>: can't evaluate field foo in type float64"
            },
            {
                "{{ query \"broken\" }}",
                "1:115: executing \"__alert_A\" at <query \"broken\">: error calling query: cannot be asked: broken"
            },
            {
                "{{ query \"none\" | first }}",
                "1:130: executing \"__alert_A\" at <first>: error calling first: first() called on vector with no elements"
            },
            {
                "{{ gt $value 1 }}",
                "1:115: executing \"__alert_A\" at <gt $value 1>: error calling gt: incompatible types for comparison"
            },
            {
                "{{ stripPort $value }}",
                "1:125: executing \"__alert_A\" at <$value>: wrong type for value; expected string; got float64"
            },
            { "{{ stripPort 1 }}", "1:125: executing \"__alert_A\" at <1>: expected string; found 1" },
            {
                "{{ humanize }}",
                "1:115: executing \"__alert_A\" at <humanize>: wrong number of args for humanize: want 1 got 0"
            },
            {
                "{{ template \"none\" }}",
                "1:124: executing \"__alert_A\" at <{{template \"none\"}}>: template \"none\" not defined"
            },
            {
                "{{ define \"t\" }}{{ .X.Y }}{{ end }}{{ template \"t\" 1 }}",
                "1:133: executing \"t\" at <.X.Y>: can't evaluate field X in type int"
            },
            { "{{ 1 2 }}", "1:115: executing \"__alert_A\" at <1>: can't give argument to non-function 1" },
            {
                "{{ reReplaceAll \"(\" \"\" \"\" }}",
                "1:115: executing \"__alert_A\" at <reReplaceAll \"(\" \"\" \"\">: error calling reReplaceAll: regexp: Compile(`(`): error parsing regexp: missing closing ): `(`"
            },
            { "{{ nil | print }}", "1:115: executing \"__alert_A\" at <nil>: nil is not a command" },
            { "{{ range true }}{{ end }}", "1:121: executing \"__alert_A\" at <true>: range can't iterate over true" },
            {
                "{{ index \"abc\" 5 }}",
                "1:115: executing \"__alert_A\" at <index \"abc\" 5>: error calling index: index out of range: 5"
            },
            {
                "{{ humanizeDuration (toDuration 1) }}",
                "1:115: executing \"__alert_A\" at <humanizeDuration (toDuration 1)>: error calling humanizeDuration: can't convert *time.Duration to float"
            },
        };

    /// <summary>Templates that would not end, or fill the memory.</summary>
    public static TheoryData<string, string> Unbounded =>
        new()
        {
            {
                "{{ define \"r\" }}{{ template \"r\" }}{{ end }}{{ template \"r\" }}",
                "exceeded maximum template depth"
            },
            { "{{ range 1000000000 }}{{ end }}", "steps" },
            { "{{ $x := \"aaaaaaaa\" }}{{ range 100 }}{{ $x = print $x $x }}{{ end }}", "the text is longer than" },
            { "{{ range 1000000 }}0123456789{{ end }}", "the text is longer than" },
            { "{{ $m := 1 }}{{ range 1000 }}{{ $m = args $m }}{{ end }}{{ $m }}", "too large to be printed" },
            { "{{ $m := 1 }}{{ range 60 }}{{ $m = args $m $m }}{{ end }}{{ $m }}", "too large to be printed" },
            { "{{ range 200 }}{{ query (printf \"q%d\" .) | len }}{{ end }}", "cannot be asked: q0" },
        };

    [Theory]
    [MemberData(nameof(Language))]
    [MemberData(nameof(Functions))]
    public async Task Expand_Text_IsAsInGo(string text, string expected) =>
        Assert.Equal(expected, await ExpandAsync(text));

    [Theory]
    [MemberData(nameof(Refused))]
    public void Parse_NoTemplate_SaysWhyAndWhere(string text, string message) =>
        Assert.Equal(message, Assert.Throws<TemplateException>(() => Template.Parse(text, "__alert_A")).Message);

    [Theory]
    [MemberData(nameof(Failing))]
    public async Task Expand_Failure_HasTheWordsAndThePlaceOfGo(string text, string message)
    {
        var exception = await Assert.ThrowsAsync<TemplateException>(() => ExpandAsync(text));
        Assert.Equal($"error executing template __alert_A: template: __alert_A:{message}", exception.Message);
    }

    [Theory]
    [MemberData(nameof(Unbounded))]
    public async Task Expand_WithoutEnd_IsEnded(string text, string problem)
    {
        var exception = await Assert.ThrowsAsync<TemplateException>(() => ExpandAsync(text));
        Assert.Contains(problem, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{{ foo }}", 1, 4)]
    [InlineData("é\n é {{ foo }}", 2, 8)]
    public void Parse_NoTemplate_HasThePlaceInTheTextAsWritten(string text, int line, int column)
    {
        var exception = Assert.Throws<TemplateException>(() => Template.Parse(text, "__alert_A"));
        Assert.Equal((line, column), (exception.Line, exception.Column));
    }

    [Fact]
    public void Parse_DeepNesting_IsRefused()
    {
        var text = string.Concat(Enumerable.Repeat("{{ if true }}", 5000));
        var exception = Assert.Throws<TemplateException>(() => Template.Parse(text, "__alert_A"));
        Assert.Contains("actions in actions", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Expand_SameQueryTwice_AsksOnce()
    {
        var asked = new List<string>();
        var context = Context with
        {
            Query = (query, _) =>
            {
                asked.Add(query);
                return new([new TemplateSample(LabelSet.Empty, 1)]);
            },
        };
        var template = Template.Parse("{{ query \"a\" | len }}{{ query \"a\" | len }}{{ query \"b\" | len }}");
        Assert.Equal("111", await template.ExpandAsync(context, TestContext.Current.CancellationToken));
        Assert.Equal(["a", "b"], asked);
    }

    [Fact]
    public async Task Expand_TooManyQueries_Fails()
    {
        var context = Context with { Query = (_, _) => new([]) };
        var template = Template.Parse("{{ range 200 }}{{ query (printf \"q%d\" .) | len }}{{ end }}");
        var exception = await Assert.ThrowsAsync<TemplateException>(async () =>
            await template.ExpandAsync(context, TestContext.Current.CancellationToken)
        );
        Assert.Contains("more than 100 different queries", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Expand_Histogram_PrintsItAndItsFields()
    {
        var layout = new HistogramLayout(0, 0.5, [new BucketSpan(1, 1)], [], []);
        var context = Context with { Histogram = Histogram.OfFloats(layout, 3, 1, 4.5, [2]) };
        var template = Template.Parse("{{ $value }} {{ $value.Count }} {{ .Value.Sum }} {{ humanize $value }}");
        var exception = await Assert.ThrowsAsync<TemplateException>(async () =>
            await template.ExpandAsync(context, TestContext.Current.CancellationToken)
        );
        Assert.EndsWith(
            "can't convert *histogram.FloatHistogram to float",
            exception.Message,
            StringComparison.Ordinal
        );
        var printed = Template.Parse("{{ $value }} {{ $value.Count }} {{ .Value.Sum }}");
        Assert.Equal(
            "{count:3, sum:4.5, [-0.5,0.5]:1, (1,2]:2} 3 4.5",
            await printed.ExpandAsync(context, TestContext.Current.CancellationToken)
        );
    }

    private static Task<string> ExpandAsync(string text) =>
        Template.Parse(text, "__alert_A").ExpandAsync(Context, TestContext.Current.CancellationToken).AsTask();
}
