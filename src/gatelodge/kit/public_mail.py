"""Mail providers whose addresses anybody may have: such a domain proves no employer."""

from __future__ import annotations

_PROVIDERS = frozenset(
    """
    126.com 139.com 163.com aim.com aliyun.com aol.com att.net bellsouth.net bigpond.com bk.ru
    bluewin.ch bol.com.br bt.com btinternet.com charter.net comcast.net cox.net daum.net
    duck.com earthlink.net email.com excite.com fastmail.com fastmail.fm fmail.co.uk
    foxmail.com free.fr freenet.de gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.fr gmx.net
    googlemail.com hanmail.net hey.com hotmail.be hotmail.ca hotmail.co.uk hotmail.com
    hotmail.com.br hotmail.de hotmail.es hotmail.fr hotmail.it hotmail.nl hushmail.com
    icloud.com ig.com.br inbox.com inbox.ru interia.pl juno.com kakao.com laposte.net
    libero.it list.ru live.be live.ca live.co.uk live.com live.com.au live.de live.fr live.it
    live.nl lycos.com mac.com mail.com mail.de mail.ee mail.ru mailbox.org mailinator.com
    me.com mindspring.com msn.com nate.com naver.com neuf.fr ntlworld.com o2.pl onet.pl
    optonline.net optusnet.com.au orange.fr outlook.at outlook.be outlook.co.uk outlook.com
    outlook.com.br outlook.de outlook.es outlook.fr outlook.it outlook.jp pm.me posteo.de
    posteo.net proton.me protonmail.ch protonmail.com qq.com rambler.ru rediffmail.com
    rocketmail.com sapo.pt sbcglobal.net seznam.cz sfr.fr shaw.ca sina.cn sina.com sky.com
    skynet.be sohu.com sympatico.ca t-online.de talktalk.net telenet.be terra.com.br
    tin.it tiscali.co.uk tiscali.it tutamail.com tutanota.com tutanota.de uol.com.br
    verizon.net virgilio.it virginmedia.com vodafone.de walla.co.il wanadoo.fr web.de wp.pl
    yahoo.ca yahoo.co.id yahoo.co.in yahoo.co.jp yahoo.co.uk yahoo.com yahoo.com.ar
    yahoo.com.au yahoo.com.br yahoo.com.mx yahoo.com.sg yahoo.de yahoo.es yahoo.fr yahoo.in
    yahoo.it yandex.com yandex.ru yeah.net ymail.com zoho.com zohomail.com
    """.split()
)


def is_public_mail_domain(domain: str) -> bool:
    """Tell whether a domain, in ASCII and lower case, is a public provider's or below one."""
    labels = domain.split(".")
    return any(".".join(labels[start:]) in _PROVIDERS for start in range(len(labels)))
