using System.Net;
using Tributary.Configuration;
using Tributary.Discovery.Dns;

namespace Tributary.Tests.Unit.Discovery.Dns;

public sealed class ResolverConfigTests
{
    [Fact]
    public void Parse_AFileOfACluster_TakesWhatItSays()
    {
        var config = ResolverConfig.Parse(
            """
            # made by the kubelet
            ; and by hand
            nameserver 10.96.0.10
            nameserver	fd00::a
            nameserver nonsense
            domain ignored.example
            search shop.svc.cluster.local svc.cluster.local cluster.local
            options timeout:1 ndots:5 edns0
            sortlist 1.2.3.4
            """.Replace("\n", "\r\n"),
            "f"
        );
        Assert.Equal(["10.96.0.10:53", "[fd00::a]:53"], config.Servers.Select(server => server.ToString()));
        Assert.Equal(["shop.svc.cluster.local", "svc.cluster.local", "cluster.local"], config.Search);
        Assert.Equal(5, config.MinDots);
    }

    [Fact]
    public void Parse_ADomain_IsSearched() =>
        Assert.Equal(
            ["web.d.example.", "web."],
            ResolverConfig
                .Parse("nameserver 1.1.1.1\nsearch a\ndomain d.example.\noptions ndots:x", "f")
                .NamesFor("web")
        );

    [Fact]
    public void Parse_NoServer_IsAProblem() =>
        Assert.Equal(
            "f names no server (nameserver ADDRESS)",
            Assert.Throws<DnsException>(() => ResolverConfig.Parse("search a\n", "f")).Message
        );

    [Fact]
    public void Parse_Limits_AreKept()
    {
        var text = string.Concat(Enumerable.Repeat("nameserver 1.1.1.1\n", 50));
        var config = ResolverConfig.Parse(
            $"{text}options ndots:99\nsearch {string.Join(' ', Enumerable.Range(0, 99))}",
            "f"
        );
        Assert.Equal((16, 64, 15), (config.Servers.Count, config.Search.Count, config.MinDots));
        Assert.All(config.Servers, server => Assert.Equal(IPAddress.Parse("1.1.1.1"), server.Address));
    }

    /// <summary>A name as text, and as bytes of a message in hex.</summary>
    [Theory]
    [InlineData(".", "00")]
    [InlineData("a.", "016100")]
    [InlineData("ab.c.", "02616201630" + "0")]
    [InlineData(@"a\.b.c.", "03612e62016300")]
    [InlineData(@"\000\255\\.", "0300ff5c00")]
    [InlineData(@"a\ b.", "0361206200")]
    public void Name_RoundTrips(string text, string hex)
    {
        Assert.Equal(hex, Convert.ToHexStringLower(DnsName.Encode(text)));
        var at = 0;
        Assert.Equal(text, DnsName.Decode(Convert.FromHexString(hex), ref at));
        Assert.Equal(hex.Length / 2, at);
    }

    /// <summary>Answers with bytes that are others: read, or refused, and nothing else.</summary>
    [Fact]
    public void Answer_Mutated_IsReadOrRefused()
    {
        var random = new Random(7);
        var question = DnsMessage.Ask(7, "a.b", DnsRecordType.Srv, isExtended: false);
        byte[] good =
        [
            .. question[..2],
            0x81,
            0x80,
            0,
            1,
            0,
            2,
            0,
            0,
            0,
            0,
            .. question[12..],
            .. DnsServer.Srv("x.example", 80),
            .. DnsServer.Srv("y.example", 81),
        ];
        var (read, refused) = (0, 0);
        for (var i = 0; i < 20_000; i++)
        {
            var message = good[..(random.Next(4) == 0 ? random.Next(good.Length) : good.Length)];
            for (var changes = random.Next(4); changes > 0 && message.Length > 0; changes--)
            {
                message[random.Next(message.Length)] = (byte)random.Next(256);
            }
            try
            {
                if (DnsMessage.IsAnswerTo(message, question))
                {
                    Assert.InRange(DnsMessage.Read(message, DnsRecordType.Srv).Records.Count, 0, 20);
                    read++;
                }
            }
            catch (DnsException)
            {
                refused++;
            }
        }
        Assert.True(read > 1000 && refused > 1000, $"{read} read, {refused} refused");
    }

    [Fact]
    public void Name_OfTheGreatestLength_IsTaken()
    {
        var name = string.Concat(Enumerable.Repeat(new string('x', 62) + ".", 4));
        Assert.Equal(253, DnsName.Encode(name).Length);
        Assert.Throws<DnsException>(() => DnsName.Encode("xy." + name));
        Assert.Equal(255, DnsName.Encode("x." + name).Length);
    }
}
