export default {
  title: '登录',
  login: '账号',
  password: '密码',
  submit: '登录',
  sso: '用 {name} 登录',
  or: '或',
  wait: '请等 {n} 秒再试',
  forgot: '忘记密码请联系安全管理员重设。',
  show: '显示密码',
  hide: '隐藏密码',
  caps: '大写锁定已打开',
};
