import { PLACES_ZH, type Words } from "./configuration-zh-places";

const RESTARTS = "就地生效：中继重启，客户端几秒内自动重连；在腾讯云没有 `ssh` 时会重建机器";
const RUNS_AGAIN = "安装程序再运行一次；在腾讯云没有 `ssh` 时会重建机器";
const NEW_MAP = `${RESTARTS}；之后要重新发布 derpMap，否则旧配置的客户端找不到它`;
const MAP_ONLY = "机器上没有变化；重新发布 derpMap 即可";

/**
 * Chinese words of every key, by its path, followed by what chooses it where that makes a difference:
 * `regions[].place.address (driver: local)`. The generator fails when one is missing.
 */
export const CONFIGURATION_ZH: Readonly<Record<string, Words>> = {
    regions: {
        description: "这个 stack 里的中继，每个区域一台。",
        expected: "至少一个区域的列表",
        changing: "增加一项就新建一台机器，删掉一项就删除那台机器",
    },
    "regions[].name": {
        description: "区域在 Pulumi 中的名字，在 stack 内唯一。",
        expected: "1 到 20 个小写字母、数字或连字符，以字母开头",
        changing:
            "新建另一个区域，机器和地址都是新的，旧名字的那个会被删除；在 `server` 上，新区域接管中继。之后要重新发布 derpMap",
    },
    "regions[].regionId": {
        description: "DERP 区域编号，在整个 tailnet 中唯一。",
        expected: "900 到 999 的整数，Tailscale 把这一段留给自建中继",
        changing: "重新发布 derpMap；只有地址由编号推算时才会重建机器",
    },
    "regions[].regionCode": {
        description: "短代码，`tailscale netcheck` 和 `tailscale ping` 会显示它。",
        expected: "1 到 20 个小写字母、数字或连字符，以字母开头",
        changing: MAP_ONLY,
        default: "与 name 相同",
    },
    "regions[].regionName": {
        description: "给人看的名字。",
        expected: "1 到 60 个可打印字符",
        changing: MAP_ONLY,
        default: "与 name 相同",
    },
    "regions[].noMeasureNoHome": {
        description:
            "请客户端把 home 移到别的区域；还没移走的客户端仍然可以用它中继。在更换指纹之前，或者中继要停几分钟之前使用。",
        expected: "true 或 false",
        changing: MAP_ONLY,
        default: "false",
    },
    "regions[].hostname": {
        description:
            "中继的域名。不填时，客户端直接连接 IP 地址并校验固定的证书；在中国大陆提供服务的域名需要 ICP 备案，IP 不需要。",
        expected: "完整的小写域名，不带协议、端口和路径",
        changing: NEW_MAP,
        default: "无：使用 IP 地址",
    },
    ...PLACES_ZH,
    "regions[].ports": {
        description: "中继监听的端口。",
        expected: "含有 derp、stun、http 的对象",
        changing: RESTARTS,
    },
    "regions[].ports.derp": {
        description: "DERP（TLS）使用的 TCP 端口。",
        expected: "1 到 65535 的整数",
        changing: NEW_MAP,
        default: "443",
    },
    "regions[].ports.stun": {
        description: "STUN 使用的 UDP 端口。",
        expected: "1 到 65535 的整数",
        changing: NEW_MAP,
        default: "3478",
    },
    "regions[].ports.http": {
        description:
            "明文 HTTP 的 TCP 端口，用于强制门户检测和跳转；-1 表示关闭。只有 80 端口对客户端有用。",
        expected: "1 到 65535 的整数，或 -1 表示不监听",
        changing: RESTARTS,
        default: "80",
    },
    "regions[].certificate": {
        description:
            "中继如何证明自己的身份。`pinned`：由 Pulumi 生成自签名证书，并固定在 derpMap 里，客户端需要 Tailscale 1.84 或更新的版本。" +
            "`letsencrypt`：derper 为域名申请证书并自动续期，域名必须解析到中继，且端口必须是 443。" +
            "`certbot`：由 certbot 申请和续期，端口不限。" +
            "`files`：你用 `derp-relay-cert-install` 把证书文件放到机器上。" +
            "`provided`：使用你自己的证书和私钥，写在这份配置里。",
        expected: '"pinned"、"letsencrypt"、"certbot"、"files" 或 "provided"',
        changing: `${RESTARTS}；重新发布 derpMap`,
        default: "没有 hostname 时为 `pinned`",
    },
    "regions[].certificate.generation": {
        description:
            "这台中继的第几张证书：换一个数字就会生成新的证书和私钥，例如在旧证书到期之前，或者私钥可能泄露时。" +
            "docs/zh/certificates.md 说明怎样让客户端保持连接。",
        expected: "1 到 1000 的整数",
        changing: `${RESTARTS}；指纹会变，使用旧 derpMap 的客户端在拿到新的之前无法连接`,
        default: "1",
    },
    "regions[].certificate.email": {
        description: "Let's Encrypt 账户的邮箱。",
        expected: "由字母、数字、点、连字符和下划线组成的邮箱地址",
        changing: RESTARTS,
        default: "无",
    },
    "regions[].certificate.challenge": {
        description:
            "certbot 用什么方式证明域名属于这台中继。`http-01`：Let's Encrypt 访问 80 端口，申请期间 derper 把它借给 certbot。" +
            "`dns-01`：由 `dnsHook` 在域名下添加一条记录，适合 80 端口不通的机器。",
        expected: "http-01 或 dns-01",
        changing: `${RESTARTS}；从下一次申请起生效`,
        default: "http-01",
    },
    "regions[].certificate.dnsHook": {
        description:
            "`dns-01` 用的脚本，以用户 `derp-relay-certbot` 的身份在机器上运行，调用方式是 `dns-hook add` 和 `dns-hook remove`：" +
            "它添加 TXT 记录 `_acme-challenge.$CERTBOT_DOMAIN`，值为 `$CERTBOT_VALIDATION`，等到记录生效，之后再删除它。" +
            "脚本里可以写所需的凭据。",
        expected: "以 #! 开头、不含回车符的脚本",
        changing: `${RESTARTS}；从下一次申请起生效`,
        default: "无；`dns-01` 必须填写",
    },
    "regions[].certificate.certificate": {
        description:
            "PEM 格式的证书：先是中继自己的证书，后面是证书链。自签名证书只能有一张，并且会固定在 derpMap 里。",
        expected: "PEM 证书（-----BEGIN CERTIFICATE-----）",
        changing: `${RESTARTS}；自签名证书会改变指纹，需要重新发布 derpMap`,
    },
    "regions[].certificate.privateKey": {
        description: "证书的私钥，PEM 格式，不带口令。",
        expected: "PEM 私钥",
        changing: RESTARTS,
    },
    "regions[].verify": {
        description:
            "哪些客户端可以使用中继。`tailscale`：你的 tailnet 的成员，由机器上的 tailscaled 判断。`url`：由一个接口决定。`none`：谁都可以用，必须明确写出来，因为开放的中继会被扫描到并被陌生人使用。",
        expected:
            '"tailscale"（同时填写 verify.tailnets）、"url"（同时填写 verify.url）或 "none"（任何人都能使用）',
        changing: RESTARTS,
        default: "`tailscale`，需要填写 `verify.tailnets`",
    },
    "regions[].verify.tailnets": {
        description: "成员可以使用中继的 tailnet。机器加入其中每一个，每个都有自己的 tailscaled。",
        expected:
            "1 到 10 个 tailnet 的列表，每个都有 name 和 authKey；密钥要一次性（在腾讯云没有 ssh 时要可重复使用）、预先批准、带标签，在 login.tailscale.com/admin/settings/keys 生成。不用 Tailscale 自己的校验时：verify.mode 为 url 或 none（docs/zh/verify.md）",
        changing: `登录新增的，离开去掉的；${RESTARTS}`,
    },
    "regions[].verify.tailnets[].authKey": {
        description:
            "机器登录时用一次的 auth key：一次性（在腾讯云没有 `ssh` 时要可重复使用，因为每次修改都会换一台机器）、预先批准、带标签。[verify.md](verify.md) 说明怎样生成。机器登录之后，一次性的密钥就没有用了。",
        expected:
            "auth key；在 login.tailscale.com/admin/settings/keys 生成一次性（在腾讯云没有 ssh 时要可重复使用）、预先批准、带标签的密钥（docs/zh/verify.md）",
        changing: `机器已登录时不影响：${RUNS_AGAIN}`,
    },
    "regions[].verify.tailnets[].name": {
        description:
            "tailnet 在机器上的名字，在区域内唯一；它的 systemd 单元是 `derp-relay-tailscaled@<name>`。",
        expected: "1 到 20 个小写字母、数字或连字符，以字母开头",
        changing: `以新名字和新的 authKey 登录，不再使用旧的；${RESTARTS}`,
    },
    "regions[].verify.tailnets[].loginServer": {
        description: "tailnet 的控制面，例如 headscale 的地址。",
        expected: "http 或 https 网址，不带路径、用户名、查询和片段",
        changing: "只能与新的 `name` 和新的 `authKey` 一起修改",
        default: "Tailscale 自己的",
    },
    "regions[].verify.tailnets[].domain": {
        description:
            "tailnet 的域名，即设备名后面的部分。填写后，如果 authKey 属于别的 tailnet，机器会退出登录并说明；" +
            "不填时，日志会说明机器登录到了哪里。",
        expected:
            "小写的域名：tailnet 的 DNS 名（login.tailscale.com/admin/dns），或 headscale 的 base_domain",
        changing: `中继已经在这个 tailnet 里时，什么也不变：${RUNS_AGAIN}`,
        default: "没有：authKey 属于哪个 tailnet 都可以",
    },
    "regions[].verify.url": {
        description:
            "决定客户端能否使用中继的接口，例如 headscale 的 `/verify`。接口不可达时，新客户端会被拒绝。" +
            "它不是机密：预览会显示它，在机器上的 `relay.env` 和进程列表里也能看到，所以路径里不要放令牌。",
        expected: "http 或 https 网址，不带用户名、查询和片段",
        changing: RESTARTS,
    },
    "regions[].verify.failOpen": {
        description:
            "接口不可达时，是否让所有人使用中继。接口回答拒绝，或者回答的不是放行，仍然是拒绝。",
        expected: "true 或 false",
        changing: RESTARTS,
        default: "false：新客户端都不能用",
    },
    "regions[].home": {
        description:
            "浏览器访问中继地址时看到什么。`blank`：空白页。`page`：derper 自带的页面，扫描器正是靠其中的文字寻找中继。" +
            "填 URL 则跳转过去。",
        expected: '"blank"、"page" 或不带用户、参数和片段的 https URL',
        changing: RESTARTS,
        default: "blank",
    },
    "regions[].bandwidthMbps": {
        description:
            "机器套餐的出站带宽，单位 Mbit/s。每个客户端最多占用其中的 72%，一个大流量连接不会挤掉其他人。" +
            "在云上必须是整数：阿里云 `internetCharge` 为 `traffic` 时最大 200，为 `bandwidth` 时最大 500；腾讯云最大 100。",
        expected: "1 到 10000 的数字",
        changing: `${RESTARTS}；在云上还会就地调整公网地址的带宽`,
        default: "阿里云和腾讯云为 5，其他部署位置不限速",
    },
    "regions[].derperVersion": {
        description: "编译 derper 所用的 `tailscale.com` 版本。",
        expected: "v1.98.0 到 v1.102.x 的发布版本（固定的 Go 版本无法编译更新的）",
        changing: `机器先编译好新版本，然后${RESTARTS}`,
        default: "v1.102.5",
    },
    "regions[].goProxies": {
        description: "机器依次尝试的 Go 模块代理。",
        expected: "http 或 https 网址的列表",
        changing: "不影响正在运行的服务，下次编译时使用；在腾讯云没有 `ssh` 时会重建机器",
        default:
            "`https://goproxy.cn`, `https://mirrors.aliyun.com/goproxy`, `https://proxy.golang.org`",
    },
};
